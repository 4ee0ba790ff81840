import { describe, expect, it } from 'vitest';
import { type Reading, readEverything } from '../../../bin/twin/read-everything.ts';
import { SECRETS } from '../../../bin/twin/secrets.ts';
import type { Use } from './support.ts';

/** As they stand there: texts within JSON are quoted once more. */
const FORMS = Object.entries(SECRETS).flatMap(([name, secret]) =>
  [secret, JSON.stringify(secret).slice(1, -1), Buffer.from(secret).toString('base64').slice(0, -4)]
    // Its beginning tells the service's secret, whatever account it is of.
    .map((form) => ({ name, form: name === 'service' ? form.slice(0, 20) : form })),
);

/** After everything else has happened: what was left behind by it. */
export function secrets(use: Use): void {
  describe('what is left behind (T9)', () => {
    it('has no secret in a command, its output, a history, the table, a log, the Ledger or a mail', async () => {
      const read = new Map<Reading['kind'], number>();
      const found: string[] = [];
      for await (const { kind, place, text } of readEverything(use())) {
        read.set(kind, (read.get(kind) ?? 0) + 1);
        for (const { name, form } of FORMS)
          if (text.includes(form)) found.push(`${name} in ${place}`);
      }

      expect(found).toEqual([]);
      const kinds: readonly Reading['kind'][] = [
        ...(['commands', 'outputs', 'histories', 'table', 'logs', 'ledger', 'mails'] as const),
      ];
      for (const kind of kinds) expect(read.get(kind) ?? 0, kind).toBeGreaterThan(0);
    });
  });
}
