import { expect, it } from 'vitest';
import { keys } from '../../lambdas/adapters/table-keys.ts';
import { TableLines } from '../../lambdas/adapters/table-lines.ts';
import { PromotionId } from '../../lambdas/domain/names.ts';
import type { Waiter } from '../../lambdas/ports/lines.ts';
import { MemoryTable } from '../fakes/memory-table.ts';
import { sample } from '../view/sample.ts';
import { nextInLine } from './rules.ts';

const NOW = '2026-03-01T12:00:00.000Z';
const [a, b, c] = ['A', 'B', 'C'].map((last) =>
  PromotionId.parse(`p_01JD7ZK3V5Q8N2M4R6T8W0XYZ${last}`),
) as [PromotionId, PromotionId, PromotionId];

/** Who leaves; who holds the lock; who waits, and whether parked. A waits before B, and B before C. */
const standings = [undefined, 'waits', 'parked'] as const;
const lines = [a, undefined].flatMap((holder) =>
  standings.flatMap((first) =>
    standings.flatMap((second) =>
      standings.flatMap((third) =>
        [a, b, c].map((leaver) => ({ holder, leaver, standing: [first, second, third] as const })),
      ),
    ),
  ),
);

it(`hands the lock on as the table does, in all ${lines.length} small lines`, async () => {
  for (const { holder, leaver, standing } of lines) {
    const waiters = [a, b, c].flatMap((promotion, i): Waiter[] => {
      const how = standing[i];
      if (how === undefined || promotion === holder) return [];
      const since = `2026-03-01T11:00:0${i}.000Z`;
      const { version, pushedAt } = sample();
      const waiter = { promotion, version, pushedAt, kind: 'promotion', automatic: false } as const;
      return [{ ...waiter, since, ...(how === 'parked' && { token: `sealed ${promotion}` }) }];
    });

    const { holder: heir } = await lineAfter(holder, leaver, waiters);

    const next = nextInLine(leaver, holder, waiters)?.promotion;
    const expected = next ?? (holder === leaver ? undefined : holder);
    expect([holder, leaver, standing, heir?.promotion]).toEqual([
      holder,
      leaver,
      standing,
      expected,
    ]);
  }
});

async function lineAfter(
  holder: PromotionId | undefined,
  leaver: PromotionId,
  waiters: readonly Waiter[],
) {
  const promotion = sample({ id: leaver, state: 'checking' });
  const { service, environment } = promotion;
  const table = new MemoryTable();
  const put = (key: { pk: string; sk: string }, value: object) =>
    table.write([{ ...key, expected: 'absent', value }]);
  await put(keys.promotion(service, environment, leaver), promotion);
  if (holder) await put(keys.lock(service, environment), { promotion: holder, since: NOW });
  for (const waiter of waiters)
    await put(keys.waiter(service, environment, waiter.promotion), waiter);
  const lines = new TableLines(table);
  await lines.end({ promotion: leaver, service, environment }, { state: 'failed' }, NOW);
  return lines.read(service, environment);
}
