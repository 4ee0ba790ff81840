import { isSamePlace, requireImage } from '../domain/place.ts';
import type { PromotionRef } from '../ports/releases.ts';
import type { CopyPorts } from './copy-promotion.ts';
import { noteVerified } from './note-copy.ts';
import { verifyImage } from './verify-image.ts';

const NOTHING_MOVED = { manifests: 0, blobsCopied: 0, blobsSkipped: 0, bytes: 0 };

/** Re-reads the destination, by tag, after a copy as well as where nothing had to be copied. */
export async function verifyPromotion(ports: CopyPorts, ref: PromotionRef): Promise<void> {
  const { source, version, digest, steps, ...promotion } = await ports.promotions.get(ref);
  const destination = requireImage(promotion.destination);
  const registry = await ports.openRegistry(destination, ref.promotion);
  const verified = await verifyImage({
    registry,
    repository: destination.repository,
    tag: version,
    digest,
  });
  const stays = steps.copy === undefined && isSamePlace(source, destination);
  await noteVerified(
    ports,
    ref,
    { digest: verified.digest, children: [...verified.children] },
    stays ? { outcome: 'same-place', ...NOTHING_MOVED } : undefined,
  );
}
