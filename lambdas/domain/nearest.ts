/**
 * The name that was probably meant: fewest edits, and few enough of them to be a slip of the hand.
 * A swap of neighbours counts as one edit (Damerau, optimal string alignment).
 */
export function nearest(name: string, known: readonly string[]): string | undefined {
  const limit = Math.max(1, Math.floor(Math.min(name.length, 64) / 3));
  let best: { name: string; edits: number } | undefined;
  for (const candidate of known) {
    const edits = distance(name.slice(0, 64).toLowerCase(), candidate.slice(0, 64).toLowerCase());
    if (edits <= limit && (best === undefined || edits < best.edits))
      best = { name: candidate, edits };
  }
  return best?.name;
}

function distance(a: string, b: string): number {
  let above = Array.from({ length: b.length + 1 }, (_, j) => j);
  let before = above;
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      const cost = (n: number | undefined) => n ?? Number.POSITIVE_INFINITY;
      let edits = Math.min(
        cost(row[j - 1]) + 1,
        cost(above[j]) + 1,
        cost(above[j - 1]) + (same ? 0 : 1),
      );
      if (a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        edits = Math.min(edits, cost(before[j - 2]) + 1);
      row.push(edits);
    }
    before = above;
    above = row;
  }
  return above[b.length] ?? 0;
}
