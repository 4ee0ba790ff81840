import { isSamePlace, requireImage } from '../domain/place.ts';
import type { PromotionRef } from '../ports/releases.ts';
import type { CopyPorts } from './copy-promotion.ts';
import { verifyImage } from './verify-image.ts';

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
  const at = ports.clock.now().toISOString();
  const copy =
    steps.copy ??
    (isSamePlace(source, destination)
      ? {
          at,
          outcome: 'same-place' as const,
          manifests: 0,
          blobsCopied: 0,
          blobsSkipped: 0,
          bytes: 0,
        }
      : undefined);
  const verify = { at, digest: verified.digest, children: [...verified.children] };
  await ports.promotions.note(
    ref,
    { state: 'landing', because: 'verified', steps: { verify, ...(copy && { copy }) } },
    at,
  );
}
