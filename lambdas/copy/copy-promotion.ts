import type { Clock } from '../ports/clock.ts';
import type { Promotions } from '../ports/promotions.ts';
import type { PromotionRef } from '../ports/releases.ts';
import { copyImage } from './copy-image.ts';
import type { OpenRegistry } from './environment-registry.ts';

export interface CopyPorts {
  readonly promotions: Promotions;
  readonly openRegistry: OpenRegistry;
  readonly clock: Clock;
}

/** Copies a promotion's image from its source to its destination and records what moved, also when time ran out. */
export async function copyPromotion(
  ports: CopyPorts,
  ref: PromotionRef,
  remainingMilliseconds: () => number,
): Promise<{ outcome: string }> {
  const { source, destination, version, digest, steps } = await ports.promotions.get(ref);
  const [from, to] = await Promise.all([
    ports.openRegistry(source, ref.promotion),
    ports.openRegistry(destination, ref.promotion),
  ]);
  const result = await copyImage({
    source: { registry: from, repository: source.repository },
    destination: { registry: to, repository: destination.repository, tag: version },
    digest,
    clock: ports.clock,
    remainingMilliseconds,
  });
  const at = ports.clock.now().toISOString();
  const moved = steps.copy?.outcome === 'copied' ? steps.copy : undefined;
  // A rerun that finds all there does not unsay what an earlier try moved.
  const copy = {
    at,
    outcome:
      result.outcome === 'already-present' && moved === undefined
        ? ('already-present' as const)
        : ('copied' as const),
    manifests: Math.max(result.manifests, moved?.manifests ?? 0),
    blobsCopied: result.blobs.copied + (moved?.blobsCopied ?? 0),
    blobsSkipped: result.blobs.skipped,
    bytes: result.bytes + (moved?.bytes ?? 0),
  };
  await ports.promotions.note(ref, { state: 'copying', because: 'copying', steps: { copy } }, at);
  return { outcome: result.outcome };
}
