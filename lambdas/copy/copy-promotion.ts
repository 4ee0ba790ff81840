import { Conflict } from '../domain/errors.ts';
import { requireImage } from '../domain/place.ts';
import { isFinal } from '../domain/promotion.ts';
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

/**
 * Copies a promotion's image from its source to its destination and records what moved, also when time ran out.
 * @throws Conflict where the promotion has ended; what `copyImage` throws
 */
export async function copyPromotion(
  ports: CopyPorts,
  ref: PromotionRef,
  remainingMilliseconds: () => number,
): Promise<{ outcome: string }> {
  const promotion = await ports.promotions.get(ref);
  const { version, digest, steps, state } = promotion;
  // A stopped execution that somebody redrives comes back here, whatever became of its promotion meanwhile.
  if (isFinal(state)) throw new Conflict(`${ref.promotion} has ended already: ${state}`);
  const source = requireImage(promotion.source);
  const destination = requireImage(promotion.destination);
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
