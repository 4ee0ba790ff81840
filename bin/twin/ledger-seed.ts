import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './layout.ts';

const LEDGER = join(ROOT, 'examples/forge/ledger');

/** The example's Ledger, file by file. */
export function ledgerSeed(): ReadonlyMap<string, string> {
  const files = readdirSync(LEDGER, { recursive: true, encoding: 'utf8' }).filter((file) =>
    /\.\w+$/.test(file),
  );
  return new Map(files.sort().map((file) => [file, readFileSync(join(LEDGER, file), 'utf8')]));
}
