import { describe, expect, it } from 'vitest';
import { resolver, shop } from '../promote/shop.ts';
import type { Act } from './acts.ts';
import { watchAll } from './invariants/index.ts';
import { ATTACKS } from './upload-trouble.ts';
import { Actors } from './world/actors.ts';
import { World } from './world/world.ts';

const MINUTE = 60_000;
const changes = { dev: { promotion: 'auto', strategy: 'every' }, qa: {} } as const;

/** What became of these acts, a minute apart, so many minutes later. Nobody sweeps. */
async function play(acts: readonly Act[], minutes: number): Promise<World> {
  const world = new World({ seed: 1, config: shop(changes, [resolver]), shuffled: false });
  const actors = new Actors(world, changes, { readMail: false, services: [resolver] });
  world.pushed = actors.pushed;
  const looks = watchAll(world);
  await world.watchSources();
  for (const act of acts) {
    world.loop.spawn(() => actors.act(act));
    await world.loop.run(world.loop.now() + MINUTE);
  }
  await world.loop.run(world.loop.now() + minutes * MINUTE);
  looks.atEnd();
  return world;
}

const push = (version: string): Act => {
  return { do: 'push', service: resolver, version, event: 'once' };
};
const pushes = ['41', '42', '43'].map(push);
const states = (world: World) => world.records().map(({ state }) => state);
const rows = (world: World) =>
  world.table.contents.filter(({ pk, sk }) => pk.startsWith('S#') && sk.startsWith('R#'));

describe('an upload to R2', () => {
  it('goes by queue, worker, ingress and bus into its first stage within a minute', async () => {
    const world = await play([push('41')], 0);

    expect(states(world)).toEqual(['promoted']);
    expect(world.r2.requests).toHaveLength(1);
    expect(world.r2.bus.taken).toHaveLength(1);
  });

  it.each(['ingress', 'queue'] as const)(
    'is not lost while the %s is down for an hour, and needs no sweep',
    async (of) => {
      const world = await play([{ do: 'outage', of, minutes: 60 }, ...pushes], 80);

      expect(rows(world)).toHaveLength(3);
      // The queue tries each again in its own time: what comes after a newer one has landed is overtaken.
      const newest = world.records().find(({ version }) => version.startsWith('43'));
      expect(newest?.state).toBe('promoted');
      expect(states(world).every((state) => /^(promoted|superseded)$/.test(state))).toBe(true);
      expect(world.sweeps).toEqual([]);
    },
  );

  it('waits while the worker’s clock is off by more than five minutes, and goes on once it is set', async () => {
    const skewed = [{ do: 'skew', by: 310_000 }, push('41')] as const;

    const before = await play([...skewed, { do: 'skew', by: 310_000 }], 0).catch(String);
    const after = await play([...skewed, { do: 'skew', by: 0 }], 15);

    expect(before).toMatch(/resolver 410+ was pushed and is nowhere/);
    expect(states(after)).toEqual(['promoted']);
  });

  it('is told of from a clock that is off by less', async () => {
    const world = await play([{ do: 'skew', by: -290_000 }, push('41')], 0);

    expect(states(world)).toEqual(['promoted']);
  });

  it('that is told of again, by whomever, is what it was', async () => {
    const again = [0, 1, 4, 6].map((minutes): Act => {
      return { do: 'attack', how: 'replay', service: resolver, which: 0, minutes };
    });

    const world = await play([push('41'), ...again], 20);

    expect(rows(world)).toHaveLength(1);
    expect(states(world)).toEqual(['promoted']);
    expect(world.r2.bus.taken).toHaveLength(1);
  });
});

describe('who has no business telling of uploads', () => {
  it.each(ATTACKS.filter((how) => how !== 'replay'))('brings nothing in by a %s', async (how) => {
    const attack: Act = { do: 'attack', how, service: resolver, which: 0, minutes: 0 };

    const world = await play([push('41'), attack], 20);

    expect(rows(world)).toHaveLength(1);
    expect(world.r2.bus.taken).toHaveLength(1);
    expect(states(world)).toEqual(['promoted']);
  });

  it('is asked for its key: the wrong one is answered 401', async () => {
    const world = await play([push('41')], 0);
    const [request] = world.r2.requests;
    const headers = { ...request?.headers, 'x-conveyor-signature': `v1=${'0'.repeat(64)}` };
    let status: number | undefined;

    world.loop.spawn(async () => {
      ({ status } = await world.r2.ask({ headers, body: request?.body ?? '' }));
    });
    await world.loop.run(world.loop.now() + MINUTE);

    expect(status).toBe(401);
  });
});
