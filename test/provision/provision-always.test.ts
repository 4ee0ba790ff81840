import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RunId } from '../../lambdas/domain/provision-run.ts';
import { effort } from '../effort.ts';
import type { ScaffoldFault } from '../fakes/memory-scaffolds.ts';
import { openDesk, TAG } from './desk.ts';

const SEED = 20_261_122;
const RUNS = effort(24, 3_000);

class Death extends Error {}

/** Dies at the nth call of a port from now on, before it takes effect or after. */
function mortal() {
  let left = Number.POSITIVE_INFINITY;
  let dies: 'before' | 'after' = 'after';
  const calls: string[] = [];
  const at = (when: 'before' | 'after') => (call: string) => {
    if (when === 'before') {
      calls.push(call);
      left -= 1;
    }
    if (left === 0 && dies === when) {
      left = Number.POSITIVE_INFINITY;
      throw new Death(call);
    }
  };
  return {
    tap: { before: at('before'), after: at('after') },
    calls,
    dieAt(n: number, when: 'before' | 'after') {
      left = n;
      dies = when;
    },
  };
}

const ended = { outcome: 'converged' };

/** Whatever has happened: one more run, undisturbed, makes it right, and one after it has nothing to do. */
async function expectConverged(desk: ReturnType<typeof openDesk>) {
  desk.clock.advance(600_000);
  expect(await desk.finish()).toMatchObject(ended);
  const plan = await desk.finish(desk.nextRun(), 'plan');
  const { hosts } = await desk.record(plan.run);
  expect(hosts.map(({ action }) => action)).toEqual(hosts.map(() => 'none'));
  const before = desk.scaffolds.hosts.map(({ changes }) => changes.length);
  expect(await desk.finish()).toMatchObject(ended);
  expect(desk.scaffolds.hosts.map(({ changes }) => changes.length)).toEqual(before);
}

describe('a step that dies', () => {
  it('at any call of a port is made good by the next, of the same run', async () => {
    const life = mortal();
    const whole = openDesk(life.tap);
    seed(whole);
    await whole.finish();
    const calls = life.calls.length;
    expect(calls).toBeGreaterThan(20);

    for (let n = 1; n <= calls; n++)
      for (const when of ['before', 'after'] as const) {
        const one = mortal();
        const desk = openDesk(one.tap);
        seed(desk);
        const run = desk.nextRun();
        one.dieAt(n, when);
        await desk.finish(run).catch(onlyDeath);

        // Step Functions calls the function again.
        expect(await desk.finish(run), `${when} call ${n}`).toMatchObject(ended);
        const told = desk.requests().filter(({ asked }) => asked.action === 'apply');
        expect(new Set(told.map(({ comment }) => comment)).size).toBe(told.length);
      }
  });

  it('for good leaves nothing that the next run does not make good', async () => {
    const life = mortal();
    const whole = openDesk(life.tap);
    seed(whole);
    await whole.finish();

    for (let n = 1; n <= life.calls.length; n += 1) {
      const one = mortal();
      const desk = openDesk(one.tap);
      seed(desk);
      one.dieAt(n, 'after');
      await desk.finish().catch(onlyDeath);
      await expectConverged(desk);
    }
  });
});

const move = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('step' as const), run: fc.nat(3) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('declare' as const),
      port: fc.integer({ min: 1, max: 4 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('credential' as const), n: fc.nat(3) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('go' as const), how: fc.boolean() }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('wait' as const),
      seconds: fc.integer({ min: 1, max: 900 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('host' as const), online: fc.boolean(), n: fc.nat(3) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('die' as const),
      at: fc.integer({ min: 1, max: 12 }),
      when: fc.constantFrom('before' as const, 'after' as const),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('fault' as const),
      n: fc.nat(3),
      fault: fc.constantFrom<ScaffoldFault>(
        'killed',
        'lies',
        'timed out',
        'busy',
        'full',
        'another key',
      ),
    }),
  },
);

describe('whatever the order of steps, deaths, changes and faults', () => {
  it('every host ends as declared, and a second run changes nothing', async () => {
    const ways = { died: 0, removed: 0, provisioned: 0 };
    await fc.assert(
      fc.asyncProperty(fc.array(move, { maxLength: 40 }), async (moves) => {
        const life = mortal();
        const desk = openDesk(life.tap);
        seed(desk, 4);
        const slots = new Map<number, RunId>();
        for (const one of moves) {
          if (one.do === 'declare')
            desk.declare({ port: one.port, credential: one.port % 2 === 0 });
          if (one.do === 'credential')
            desk.putCredential({ accessKeyId: `AKIAOFTHECREDENTIAL${one.n}` });
          if (one.do === 'go' && one.how) desk.declare('absent');
          if (one.do === 'go' && !one.how) desk.undeclare();
          if (one.do === 'wait') desk.clock.advance(one.seconds * 1_000);
          const host = 'n' in one ? desk.scaffolds.hosts[one.n] : undefined;
          if (one.do === 'host' && host !== undefined) host.online = one.online;
          if (one.do === 'fault') host?.faults.push(one.fault);
          if (one.do === 'die') life.dieAt(one.at, one.when);
          if (one.do !== 'step') continue;
          const run = slots.get(one.run) ?? desk.nextRun();
          slots.set(one.run, run);
          const stepped = await desk.step(run).catch((error: Error) => {
            ways.died += 1;
            onlyDeathOrRace(error);
            return { outcome: 'wait' };
          });
          if (stepped.outcome !== 'wait') slots.delete(one.run);
        }
        life.dieAt(Number.POSITIVE_INFINITY, 'after');
        for (const host of desk.scaffolds.hosts) {
          host.online = true;
          host.faults.length = 0;
        }
        await expectConverged(desk);
        const isDeclared =
          desk.parameters.declared.get('prod/relay')?.includes('"absent"') === false;
        for (const { parts } of desk.scaffolds.hosts)
          expect(parts.has('/etc/systemd/system/wardnet-relay.service')).toBe(isDeclared);
        ways[isDeclared ? 'provisioned' : 'removed'] += 1;
      }),
      { seed: SEED, numRuns: RUNS },
    );
    for (const count of Object.values(ways)) expect(count).toBeGreaterThan(0);
  }, 300_000);
});

function seed(desk: ReturnType<typeof openDesk>, hosts = 2) {
  for (let n = 0; n < hosts; n++) desk.scaffolds.add(TAG);
  desk.declare({ credential: true });
  desk.putCredential();
}

function onlyDeath(error: Error) {
  if (!(error instanceof Death)) throw error;
}

function onlyDeathOrRace(error: Error) {
  if (error.name !== 'Unavailable') onlyDeath(error);
}
