import type { PromotionKind } from './promotion.ts';
import { compareReleases, type Ordered } from './release-order.ts';

interface Standing extends Ordered {
  readonly promotion: string;
  readonly kind: PromotionKind;
  readonly automatic: boolean;
  /** ISO 8601: when it joined the line. */
  readonly since: string;
}

/**
 * Who goes before whom: rollbacks first (somebody is putting out a fire), what people asked for next, in the order they
 * asked, then what promotes by itself, in build order, however its events came in.
 */
export function compareWaiters(a: Standing, b: Standing): number {
  const rank = (w: Standing) => (w.kind === 'rollback' ? 0 : w.automatic ? 2 : 1);
  if (rank(a) !== rank(b)) return rank(a) - rank(b);
  if (rank(a) === 2) return compareReleases(a, b) || text(a.promotion, b.promotion);
  return text(a.since, b.since) || text(a.promotion, b.promotion);
}

function text(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
