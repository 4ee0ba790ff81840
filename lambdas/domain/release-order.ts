/** What orders two releases of one service. */
export interface Ordered {
  readonly version: string;
  /** ISO 8601. */
  readonly pushedAt: string;
}

const NUMERIC = /^\d{1,18}$/;

/**
 * Build order: BuildIds count up (Azure Pipelines' Build.BuildId is one sequence an organisation), so numbers decide
 * where both versions are numbers; else the time of the push, then the name, so that the order is total.
 */
export function compareReleases(a: Ordered, b: Ordered): number {
  if (NUMERIC.test(a.version) && NUMERIC.test(b.version)) {
    const difference = BigInt(a.version) - BigInt(b.version);
    if (difference !== 0n) return difference < 0n ? -1 : 1;
  }
  return compareText(a.pushedAt, b.pushedAt) || compareText(a.version, b.version);
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
