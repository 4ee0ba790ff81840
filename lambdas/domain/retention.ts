import { compareReleases, type Ordered } from './release-order.ts';

/**
 * The releases of one service that its store need not keep: all but the newest `keep` of them and those that are needed.
 * Oldest first.
 */
export function expendable<T extends Ordered>(
  releases: readonly T[],
  needed: ReadonlySet<string>,
  keep: number,
): readonly T[] {
  const oldestFirst = [...releases].sort(compareReleases);
  const beyond = oldestFirst.slice(0, Math.max(0, oldestFirst.length - keep));
  return beyond.filter(({ version }) => !needed.has(version));
}
