import { describe, expect, it } from 'vitest';
import { FINAL_STATES } from '../../lambdas/domain/promotion.ts';
import { effort } from '../effort.ts';
import type { Changes } from '../promote/shop.ts';
import type { Act } from './acts.ts';
import { calmBefore, MINUTE, manyServices, push, type Storm } from './storm.ts';

const PUSHES = effort(120, 10_000);
const SERVICES = PUSHES / 10;
const DAY = 24 * 60 * MINUTE;

const changes = (strategy: 'latest' | 'every'): Changes => ({
  dev: { promotion: 'auto', strategy },
  qa: {},
  prod: { approval: { approvers: ['li', 'tom'] } },
});

function ended({ world }: Storm): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { state } of world.records()) counts[state] = (counts[state] ?? 0) + 1;
  return counts;
}

const commits = ({ world }: Storm) =>
  world.ledger.log().filter(({ message }) => /^Conveyor-Promotion: /m.test(message)).length;

describe('a storm of pushes (T17)', () => {
  it(`lands the newest of each service under latest, and few others: ${PUSHES} at once`, async () => {
    const config = manyServices(SERVICES, changes('latest'));
    const storm = calmBefore(config, changes('latest'));
    const services = Object.keys(config.services);

    push(storm, PUSHES, services);
    await storm.world.loop.run(storm.world.startedAt + DAY);

    const records = storm.world.records();
    const { promoted = 0, superseded = 0 } = ended(storm);
    expect(records).toHaveLength(PUSHES);
    expect(promoted + superseded).toBe(PUSHES);
    expect(storm.world.promotes.all.length).toBeLessThanOrEqual(PUSHES);
    for (const service of services) {
      const own = records.filter((one) => one.service === service);
      const newest = own.reduce((a, b) => (Number(b.version) > Number(a.version) ? b : a));
      expect(newest.state).toBe('promoted');
    }
    // Whoever comes first finds nobody behind it, and the newest lands; in between, all line up while one works.
    expect(commits(storm)).toBe(promoted);
    expect(promoted).toBeLessThanOrEqual(3 * SERVICES);
  }, 900_000);

  it('lands all in order under every, but for one told of after a newer one had landed: 300 at once', async () => {
    const config = manyServices(2, changes('every'));
    const storm = calmBefore(config, changes('every'));

    push(storm, 300, Object.keys(config.services));
    await storm.world.loop.run(storm.world.startedAt + DAY);

    const { promoted = 0, superseded = 0 } = ended(storm);
    expect(promoted + superseded).toBe(300);
    expect(superseded).toBeLessThanOrEqual(3);
    expect(commits(storm)).toBe(promoted);
    for (const service of ['payments', 'orders']) {
      const landed = storm.world
        .records()
        .filter((one) => one.service === service && one.state === 'promoted')
        .sort((a, b) => ((a.endedAt ?? '') < (b.endedAt ?? '') ? -1 : 1))
        .map(({ version }) => Number(version));
      expect(landed).toEqual([...landed].sort((a, b) => a - b));
    }
  }, 600_000);

  it('costs each of one line as much as there are in it: measured, so that it grows no worse', async () => {
    const rows: number[] = [];
    for (const count of [50, 100, 200]) {
      const storm = calmBefore(manyServices(2, changes('latest')), changes('latest'));
      push(storm, count, ['payments']);
      await storm.world.loop.run(storm.world.startedAt + DAY);
      expect(ended(storm)).not.toHaveProperty('failed');
      rows.push(storm.rows / count ** 2);
    }

    // Every look at a line reads all who wait in it.
    for (const perSquare of rows) expect(perSquare).toBeLessThanOrEqual(3);
  }, 600_000);
});

describe('an answer to an approval while a storm is on', () => {
  it('is acted on after the same calls and the same time as on a quiet day', async () => {
    const quiet = await answer(0);
    const stormy = await answer(400);

    expect(quiet.calls).toBeGreaterThan(0);
    expect(stormy).toEqual(quiet);
  }, 600_000);
});

/** The calls of ports and the milliseconds from a vote until the promotion's bytes begin to move. */
async function answer(pushes: number): Promise<{ calls: number; milliseconds: number }> {
  const storm = calmBefore(manyServices(2, changes('latest')), changes('latest'));
  const { world, actors } = storm;
  const ask = (environment: string): Act => {
    return { do: 'ask', service: 'orders', environment, by: 'raj', kind: 'promotion', times: 1 };
  };
  const before: Act[] = [
    { do: 'push', service: 'orders', version: '7', event: 'once' },
    ask('qa'),
    ask('prod'),
  ];
  for (const act of before) {
    world.loop.spawn(() => actors.act(act));
    await world.loop.run(world.loop.now() + 10 * MINUTE);
  }
  const waits = world.records().find(({ state }) => state === 'awaiting approval');
  if (waits === undefined) throw new Error('nobody waits for an approval');
  push(storm, pushes, ['payments']);
  await world.loop.run(world.loop.now() + 5_000);
  const busy = world
    .records()
    .filter(({ state }) => !(FINAL_STATES as readonly string[]).includes(state));
  expect(busy.length > 1).toBe(pushes > 0);

  const from = world.loop.now();
  const calls = storm.effects.get(waits.id) ?? 0;
  let moved: { calls: number; milliseconds: number } | undefined;
  world.watchers.push(({ process, port }) => {
    if (process.subject !== waits.id || port !== 'registry.prod' || moved) return;
    moved = {
      calls: (storm.effects.get(waits.id) ?? 0) - calls,
      milliseconds: world.loop.now() - from,
    };
  });
  world.loop.spawn(() => actors.act({ do: 'vote', by: 'li', which: 0, decision: 'approve' }));
  await world.loop.run(from + MINUTE);
  if (moved === undefined) throw new Error('the answer was not acted on within a minute');
  return moved;
}
