import { requireObject } from '../domain/place.ts';
import type { PromotionRef } from '../ports/releases.ts';
import type { CopyTarballPorts } from './copy-tarball-promotion.ts';
import { noteVerified } from './note-copy.ts';
import { verifyTarball } from './verify-tarball.ts';

/** Reads a promotion's tarball back from its environment's bucket. @throws what `verifyTarball` throws */
export async function verifyTarballPromotion(
  ports: CopyTarballPorts,
  ref: PromotionRef,
): Promise<void> {
  const { digest, ...promotion } = await ports.promotions.get(ref);
  const place = requireObject(promotion.destination);
  const objects = await ports.openStore(place, ref.promotion);
  await verifyTarball({ objects, key: place.key, digest, clock: ports.clock });
  await noteVerified(ports, ref, { digest, children: [] });
}
