import { describe, expect, it } from 'vitest';
import { Unavailable } from '../../lambdas/domain/errors.ts';
import type { Change, Table } from '../../lambdas/ports/table.ts';
import { effort } from '../effort.ts';
import { MemoryTable } from '../fakes/memory-table.ts';
import type { Tap } from '../fakes/tapped.ts';
import { dev, li, payments, prod, qa, tom } from './shop.ts';
import { upToQa } from './stories.ts';
import { World } from './world.ts';

/** `npm test` dies after every third call. */
const STEP = effort(7, 1);

/** The process is gone: what it did is done, what it would have done is not. Step Functions calls it so. */
class Died extends Error {
  override readonly name = 'Runtime.ExitError';
}

const CHANGES = {
  qa: { promotion: 'auto' },
  prod: {
    promotion: 'auto',
    approval: { approvers: 'engineers', minimum: 2 },
    argocd: { sync: 'manual' },
  },
};

/** From a push to prod: three promotions, one offering the next, the last with two approvals. */
async function story(tap: Tap, arrange: (world: World) => void = () => {}): Promise<World> {
  const world = new World({ changes: CHANGES, tap });
  arrange(world);
  await world.push(payments, '41');
  const [last] = await world.history(payments, prod);
  if (last === undefined) throw new Error('nothing came as far as prod');
  await world.vote(last.id, li, 'approve');
  await world.vote(last.id, tom, 'approve');
  return world;
}

/** Where everything ended, without the names and times that chance gave. */
async function endOf(world: World) {
  const lines = await Promise.all(
    [dev, qa, prod].map(async (environment) => {
      const { holder, waiters, landed } = await world.line(payments, environment);
      const history = await world.history(payments, environment);
      return {
        environment,
        holder,
        waiters,
        landed: landed?.version,
        history: history.map(({ state, version, cause, steps }) => ({
          state,
          version,
          cause,
          votes: steps.approval?.votes.map(({ person }) => person),
          steps: Object.keys(steps).sort(),
        })),
        commits: world.committed(environment),
      };
    }),
  );
  const over = [...world.executions.all.values()].map(({ outcome }) => outcome);
  return { lines, over, alarms: world.alarms.set };
}

/** At most twice each, and none twice without a death in between. */
function copiesOfEach(world: World): number[] {
  const times = new Map<string, number>();
  for (const { to, id } of world.notices.sent)
    times.set(`${to} ${id}`, (times.get(`${to} ${id}`) ?? 0) + 1);
  return [...times.values()];
}

async function callsOf(heard: 'before' | 'after', wanted: (call: string) => boolean) {
  const calls: string[] = [];
  const world = await story({ [heard]: (call: string) => void (wanted(call) && calls.push(call)) });
  return { calls, end: await endOf(world), mails: world.notices.sent.length };
}

describe('a death', () => {
  it('after any call to the world outside changes nothing in the end but mails sent twice', async () => {
    const { calls, end, mails } = await callsOf('after', () => true);
    expect(end.lines.map(({ history }) => history.map(({ state }) => state))).toEqual([
      ['promoted'],
      ['promoted'],
      ['promoted'],
    ]);
    expect(end.lines.map(({ commits }) => commits.length)).toEqual([1, 1, 1]);
    expect(calls.length).toBeGreaterThan(150);

    for (let k = 0; k < calls.length; k += STEP) {
      let count = 0;
      const world = await story({
        after: (call) => {
          if (count++ === k) throw new Died(`after ${call}`);
        },
      });

      expect(await endOf(world), `after call ${k}, ${calls[k]}`).toEqual(end);
      const copies = copiesOfEach(world);
      expect(copies).toHaveLength(mails);
      expect(Math.max(...copies), `after call ${k}, ${calls[k]}`).toBeLessThanOrEqual(2);
      expect(copies.filter((times) => times === 2).length).toBeLessThanOrEqual(2);
    }
  }, 600_000);

  it('while others wait in line, keeps none of them waiting', async () => {
    const queue = async (after: (call: string) => void) => {
      let heard = false;
      const world = new World({ tap: { after: (call) => (heard ? after(call) : undefined) } });
      await upToQa(world);
      heard = true;
      const ids = [];
      for (let n = 0; n < 2; n++) ids.push(await world.promote(payments, prod));
      for (const id of ids) await world.vote(id, li, 'approve');
      return world;
    };
    let total = 0;
    const end = await endOf(await queue(() => void total++));
    expect(end.lines[2]?.history.map(({ state }) => state)).toEqual(['promoted', 'promoted']);

    for (let k = 1; k < total; k += STEP) {
      let count = 0;
      const world = await queue((call) => {
        if (count++ === k) throw new Died(`after ${call}`);
      });

      expect(await endOf(world), `after call ${k}`).toEqual(end);
    }
  }, 600_000);

  it('twice in a row, at the same place, neither', async () => {
    const { calls, end } = await callsOf('after', (call) => !/\.(get|query|read|head)$/.test(call));

    for (let k = 0; k < calls.length; k += STEP) {
      let count = 0;
      let deaths = 0;
      const world = await story({
        after: (call) => {
          if (/\.(get|query|read|head)$/.test(call)) return;
          if (count++ >= k && call === calls[k] && deaths++ < 2) throw new Died(`after ${call}`);
        },
      });

      expect(await endOf(world), `after call ${k}, ${calls[k]}`).toEqual(end);
    }
  }, 600_000);
});

describe('a table', () => {
  it('that does not answer, before or after it wrote, is asked again', async () => {
    for (const when of ['before', 'after'] as const) {
      const { calls, end, mails } = await callsOf(when, (call) => call === 'table.write');
      for (let k = 0; k < calls.length; k += STEP) {
        let count = 0;
        const world = await story({
          [when]: (call: string) => {
            if (call === 'table.write' && count++ === k) throw new Unavailable('no answer');
          },
        });

        expect(await endOf(world), `${when} write ${k}`).toEqual(end);
        expect(copiesOfEach(world)).toHaveLength(mails);
      }
    }
  }, 600_000);

  it('whose reply gets lost so that a write looks lost to another is not believed', async () => {
    const { calls, end, mails } = await callsOf('after', (call) => call === 'table.write');

    for (let k = 0; k < calls.length; k += STEP) {
      const world = await story({}, (it) => loseReply(it.table, k));

      expect(await endOf(world), `write ${k}`).toEqual(end);
      expect(copiesOfEach(world).every((times) => times === 1)).toBe(true);
      expect(copiesOfEach(world)).toHaveLength(mails);
    }
  }, 600_000);
});

/** Write number `k` takes effect and says that it did not. */
function loseReply(table: Table, k: number): void {
  let count = 0;
  table.write = async (changes: readonly Change[]) => {
    const wrote = await MemoryTable.prototype.write.call(table, changes);
    return count++ !== k && wrote;
  };
}
