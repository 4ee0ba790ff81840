import { writeFileSync } from 'node:fs';
import { killEverywhere, type Row } from './kill-matrix.ts';
import { KINDS } from './kinds.ts';
import { renderKillMatrix } from './render-kill-matrix.ts';

const rows: Row[] = [];
for (const kind of KINDS) {
  const row = await killEverywhere(kind);
  rows.push(row);
  process.stderr.write(`${row.kind}: ${row.deaths} deaths, ${row.different.length} different\n`);
  for (const what of row.different) process.stderr.write(`  ${what}\n`);
}
writeFileSync('docs/reference/kill-matrix.md', renderKillMatrix(rows));
if (rows.some(({ different }) => different.length > 0)) process.exitCode = 1;
