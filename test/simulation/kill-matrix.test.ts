import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { effort, FULL } from '../effort.ts';
import { killEverywhere, type Row } from './kill-matrix.ts';
import { KINDS } from './kinds.ts';
import { renderKillMatrix } from './render-kill-matrix.ts';

const STEP = effort(20, 1);
/** Of all deaths, which `npm test` has not seen. */
const withoutMostMessages = (text: string) => text.replace(/ \d+ \|$/gm, '');

describe('a death right after any effect', () => {
  const rows: Row[] = [];

  it.each(KINDS)(
    'changes nothing in the end: $name',
    async (kind) => {
      const row = await killEverywhere(kind, STEP);
      rows.push(row);

      expect(row.different).toEqual([]);
      expect(row.deaths).toBeGreaterThan(0);
    },
    600_000,
  );

  it('is in the documentation as it was found (npm run docs:kill-matrix)', () => {
    const written = readFileSync('docs/reference/kill-matrix.md', 'utf8');
    const found = renderKillMatrix(rows);
    if (FULL) expect(written).toBe(found);
    expect(withoutMostMessages(written)).toBe(withoutMostMessages(found));
  });
});
