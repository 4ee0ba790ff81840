import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { KINDS, killEverywhere, type Row } from './kill-matrix.ts';
import { renderKillMatrix } from './render-kill-matrix.ts';

describe('a death right after any effect', () => {
  const rows: Row[] = [];

  it.each(KINDS)(
    'changes nothing in the end: $name',
    async (kind) => {
      const row = await killEverywhere(kind);
      rows.push(row);

      expect(row.different).toEqual([]);
      expect(row.deaths).toBeGreaterThan(0);
    },
    60_000,
  );

  it('is in the documentation as it was found (npm run docs:kill-matrix)', () => {
    expect(readFileSync('docs/reference/kill-matrix.md', 'utf8')).toBe(renderKillMatrix(rows));
  });
});
