import { Conflict } from '../domain/errors.ts';
import { requireImage } from '../domain/place.ts';
import { isFinal } from '../domain/promotion.ts';
import type { PromotionRef } from '../ports/releases.ts';
import { copyImage } from './copy-image.ts';
import type { OpenRegistry } from './environment-registry.ts';
import { type NotePorts, noteCopied } from './note-copy.ts';

export interface CopyPorts extends NotePorts {
  readonly openRegistry: OpenRegistry;
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
  const { version, digest, state } = promotion;
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
  await noteCopied(ports, ref, promotion, result);
  return { outcome: result.outcome };
}
