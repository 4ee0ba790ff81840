import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { subjects } from '../../agreement/cases/index.ts';
import { differences, type Seen } from '../../agreement/judge.ts';
import { type Engine, openEngine, runAll } from '../../agreement/on-engine.ts';
import { engineOf } from '../../agreement/otherwise/index.ts';
import type { Use } from './support.ts';

/** So many that all are done in well under a minute, and so few that a wait is still about as long as it says. */
const AT_ONCE = 40;

/** What AWS documents of the States Language, put to the engine that the twin runs it on. */
export function agreement(use: Use): void {
  describe('the engine of the twin', () => {
    const cases = subjects.flatMap(({ subject, cases }) =>
      cases.map((one) => ({ subject, name: `${subject}: ${one.name}`, one })),
    );
    let engine: Engine | undefined;
    let seen: readonly Seen[] = [];
    beforeAll(async () => {
      const opened = await openEngine(use().endpoint);
      engine = opened;
      seen = await runAll(cases, AT_ONCE, ({ one }) => opened.run(one));
    });
    afterAll(() => engine?.close());

    it('does what AWS documents, or what it was seen to do otherwise', () => {
      const wrong = cases.flatMap(({ subject, name, one }, at) => {
        const wanted = engineOf(subject, one.name)?.observed ?? one.expect;
        const got = seen[at];
        const found = got === undefined ? ['not run'] : differences(one, wanted, got, 'real');
        return found.map((difference) => `${name}: ${difference}`);
      });

      expect(wrong).toEqual([]);
    });
  });
}
