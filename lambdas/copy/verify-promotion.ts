import type { PromotionRef } from '../ports/releases.ts';
import type { CopyPorts } from './copy-promotion.ts';
import { verifyImage } from './verify-image.ts';

/** Re-reads the destination, by tag, after a copy as well as where nothing had to be copied. */
export async function verifyPromotion(ports: CopyPorts, ref: PromotionRef): Promise<void> {
  const { source, destination, version, digest, steps } = await ports.promotions.get(ref);
  const registry = await ports.openRegistry(destination, ref.promotion);
  const verified = await verifyImage({
    registry,
    repository: destination.repository,
    tag: version,
    digest,
  });
  const at = ports.clock.now().toISOString();
  const samePlace = source.account === destination.account && source.region === destination.region;
  const copy =
    steps.copy ??
    (samePlace
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
