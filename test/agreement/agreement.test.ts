import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Case } from './case.ts';
import { subjects } from './cases/index.ts';
import { runInProcess } from './in-process.ts';
import { differences } from './judge.ts';
import { otherwise } from './otherwise/index.ts';
import { everyState } from './otherwise/otherwise.ts';
import { renderTable } from './table.ts';

describe('our interpreter does what AWS documents', () => {
  for (const { subject, cases } of subjects)
    describe(subject, () => {
      it.each(cases.map((one) => [one.name, one] as const))('%s', async (_, one) => {
        const seen = await runInProcess(one);

        expect(differences(one, one.expect, seen, 'virtual')).toEqual([]);
      });
    });
});

describe('the corpus', () => {
  const named = new Map<string, Case>(
    subjects.flatMap(({ subject, cases }) =>
      cases.map((one) => [`${subject}: ${one.name}`, one] as const),
    ),
  );
  const observed = otherwise.flatMap((construct) =>
    Object.entries(construct.observed).flatMap(([subject, cases]) =>
      Object.entries(cases).map(([name, outcome]) => ({ name: `${subject}: ${name}`, outcome })),
    ),
  );

  it('asks at least 150 questions, each once, and each with where AWS answers it', () => {
    const count = subjects.flatMap(({ cases }) => cases).length;

    expect(named.size).toBe(count);
    expect(count).toBeGreaterThanOrEqual(150);
    for (const [name, { source }] of named)
      expect(source, name).toMatch(
        /^(Step Functions guide|states-language\.net|docs\.jsonata\.org|Lambda guide), “.+”$/,
      );
  });

  it('knows of the engine only what it asks, and only what differs', () => {
    for (const { name, outcome } of observed) {
      const asked = named.get(name);
      expect(asked, name).toBeDefined();
      expect(outcome, name).not.toEqual(asked?.expect);
    }
  });

  it('says of every difference how our machines go without it, or why they need not', () => {
    for (const { construct, inState, inMachine, because } of otherwise)
      expect([inState, inMachine, because].filter(Boolean), construct).toHaveLength(1);
  });

  it('finds each construct in the very cases that show the difference', () => {
    for (const { construct, inState, inMachine, observed } of otherwise)
      for (const [subject, cases] of Object.entries(observed))
        for (const name of Object.keys(cases)) {
          const definition = named.get(`${subject}: ${name}`)?.definition;
          if (definition === undefined) throw new Error(`there is no ${name}`);
          const found = everyState(definition).some((state) => inState?.(state));
          if (inState !== undefined) expect(found, `${construct}: ${name}`).toBe(true);
          if (inMachine !== undefined) expect(inMachine(definition), construct).toBe(true);
        }
  });

  it('is in the documentation as it is (npm run docs:agreement writes it)', async () => {
    expect(readFileSync('docs/reference/agreement.md', 'utf8')).toBe(await renderTable());
  });
});
