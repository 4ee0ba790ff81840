import { describe, expect, it } from 'vitest';
import { commits, history, ledgerTag, until } from '../../../bin/twin/journey/watch.ts';
import { pushSample } from '../../../bin/twin/use-twin.ts';
import type { Promotion } from '../../../lambdas/domain/promotion.ts';
import type { Use } from './support.ts';

const SERVICES = ['payments', 'ledger-api', 'pricing', 'statements'] as const;

export function many(use: Use): void {
  describe('20 pushes at once of four services', () => {
    it('are promoted under every, each line in build order, none twice, but for one that comes too late', async () => {
      const versions = numbers(2_001);

      await pushAll(use, versions);

      const lines = await allEnded(use, versions);
      // Where an event comes later than the seconds that `every` waits for it, a later build has landed: it is passed over.
      const landed = lines.map((line) => line.filter(({ state }) => state === 'promoted'));
      for (const [n, line] of lines.entries()) {
        const order = landed[n] ?? [];
        expect(line.at(-1)?.state).toBe('promoted');
        expect(byEnd(order)).toEqual(order.map(({ version }) => version));
        for (const [at, { state, endedAt = '' }] of line.entries()) {
          if (state === 'promoted') continue;
          const overtaken = line
            .slice(at + 1)
            .some((later) => (later.endedAt ?? endedAt) < endedAt);
          expect([state, overtaken]).toEqual(['superseded', true]);
        }
      }
      const subjects = (await commits(use()))
        .map((commit) => commit.subject)
        .filter((subject) => /-> 20\d\d$/.test(subject) && subject.includes('(dev)'));
      expect(subjects).toHaveLength(landed.flat().length);
    });

    it('end in one final state each under latest, and the newest lands', async () => {
      await use().reconfigure({ 'environments.dev.strategy': 'latest' });
      const versions = numbers(3_001);

      await pushAll(use, versions);

      const lines = await allEnded(use, versions);
      for (const line of lines) {
        expect(line.at(-1)?.state).toBe('promoted');
        for (const promotion of line) expect(['promoted', 'superseded']).toContain(promotion.state);
      }
      for (const service of SERVICES)
        expect(await ledgerTag(use(), service, 'dev')).toBe(versions.at(-1));
      await use().reconfigure({});
    });
  });
}

function numbers(from: number): string[] {
  return Array.from({ length: 5 }, (_, i) => String(from + i));
}

async function pushAll(use: Use, versions: readonly string[]): Promise<void> {
  await Promise.all(
    SERVICES.map(async (service) => {
      for (const version of versions) await pushSample(use().endpoint, service, version);
    }),
  );
}

/** Each service's promotions of these versions in dev, in the versions' order, once all have ended; one each. */
function allEnded(use: Use, versions: readonly string[]): Promise<Promotion[][]> {
  return until(
    'all to end',
    async () => {
      const lines = await Promise.all(
        SERVICES.map(async (service) => {
          const promotions = (await history(use(), service, 'dev')).filter((p) =>
            versions.includes(p.version),
          );
          return promotions.sort((a, b) => Number(a.version) - Number(b.version));
        }),
      );
      const done = lines.every(
        (line) =>
          line.length === versions.length &&
          line.every((promotion) => promotion.endedAt !== undefined),
      );
      return done ? lines : undefined;
    },
    180,
  );
}

function byEnd(line: readonly Promotion[]): string[] {
  return [...line]
    .sort((a, b) => ((a.endedAt ?? '') < (b.endedAt ?? '') ? -1 : 1))
    .map((promotion) => promotion.version);
}
