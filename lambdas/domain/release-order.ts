/** What orders two releases of one service. */
export interface Ordered {
  readonly version: string;
  /** ISO 8601. */
  readonly pushedAt: string;
}

const NUMERIC = /^\d{1,18}$/;

/**
 * Build order: BuildIds count up (Azure Pipelines' Build.BuildId is one sequence an organisation), so numbers go by
 * their value, and names by the time of their push, then by the name. A number is older than any name: by push time
 * 10 could be before abc, abc before 9, and 9 before 10 again. This way round, a short git SHA that happens to be all
 * digits is passed over; the other way it would stop every name after it.
 */
export function compareReleases(a: Ordered, b: Ordered): number {
  const [number, other] = [NUMERIC.test(a.version), NUMERIC.test(b.version)];
  if (number !== other) return number ? -1 : 1;
  if (number) {
    const difference = BigInt(a.version) - BigInt(b.version);
    if (difference < 0n) return -1;
    if (difference > 0n) return 1;
  }
  return compareText(a.pushedAt, b.pushedAt) || compareText(a.version, b.version);
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
