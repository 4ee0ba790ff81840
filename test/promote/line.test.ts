import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parkTurn } from '../../lambdas/promote/park-turn.ts';
import { dev, li, orders, payments, prod, qa } from './shop.ts';
import { awaitingApproval, only, upToQa } from './stories.ts';
import { World } from './world.ts';

describe('a line under every', () => {
  it('lands every release in build order, however their events come in and whoever runs first', async () => {
    const versions = ['7', '8', '9', '10', '11'];
    await fc.assert(
      fc.asyncProperty(
        fc.shuffledSubarray(versions, { minLength: versions.length }),
        fc.infiniteStream(fc.nat()),
        async (shuffled, choices) => {
          const world = new World({ pick: (n) => (n === 0 ? 0 : (choices.next().value ?? 0) % n) });
          for (const version of shuffled)
            await world.announce(await world.build(payments, version));

          await world.settle();

          expect(world.committed(dev).map((subject) => subject.split(' ').at(-1))).toEqual(
            versions,
          );
          expect((await world.line(payments, dev)).landed?.version).toBe('11');
        },
      ),
      { numRuns: 20 },
    );
  }, 60_000);

  it('keeps that order where they come while another is on its way', async () => {
    const world = new World();
    await world.announce(await world.build(payments, '1'));
    const pushes = [];
    for (const version of ['2', '3', '4']) pushes.push(await world.build(payments, version));
    const first = world.run(only(world));
    while (first.state !== 'Observe') {
      await first.step();
      if (first.until !== undefined) world.clock.advance(2_000);
    }
    await world.announce(pushes[2] as never);
    await first.step();
    await first.step();
    world.clock.advance(500);
    await world.announce(pushes[1] as never);
    await world.announce(pushes[0] as never);

    await world.settle();

    const landed = world.committed(dev).map((subject) => subject.split(' ').at(-1));
    expect(landed).toEqual(['1', '2', '3', '4']);
  });

  it('never goes backwards by itself: an event that comes late lands nowhere', async () => {
    const world = new World();
    const late = await world.build(payments, '41');
    await world.push(payments, '42');

    await world.announce(late);
    await world.settle();

    const [newest] = await world.history(payments, dev);
    expect(newest).toMatchObject({
      version: '41',
      state: 'superseded',
      because: '42 is newer and landed already',
    });
    expect(world.committed(dev)).toHaveLength(1);
  });
});

describe('a line', () => {
  it('has one holder at a time, whatever runs when, and serves everybody', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.infiniteStream(fc.nat()),
        fc.integer({ min: 2, max: 6 }),
        async (choices, n) => {
          const world = new World({ pick: (m) => (m === 0 ? 0 : (choices.next().value ?? 0) % m) });
          for (let version = 1; version <= n; version++) await world.push(payments, `${version}`);
          const asked = [];
          for (let version = n; version >= 1; version--)
            asked.push(await world.ask(payments, qa, { version: `${version}` }));

          await world.settle();

          const states = await Promise.all(
            asked.map(async (id) => (await world.promotion(id)).state),
          );
          expect(states.every((state) => state === 'promoted' || state === 'superseded')).toBe(
            true,
          );
          expect(states).toContain('promoted');
          const { holder, waiters, landed } = await world.line(payments, qa);
          expect([holder, waiters]).toEqual([undefined, []]);
          expect(landed).toBeDefined();
        },
      ),
      { numRuns: 20 },
    );
  }, 60_000);

  it('is a service’s and an environment’s own: others go past it', async () => {
    const { world, id } = await awaitingApproval();

    await world.push(orders, '1');
    await world.promote(orders, qa);
    await world.push(payments, '42');

    expect((await world.promotion(id)).state).toBe('awaiting approval');
    expect((await world.line(orders, qa)).landed?.version).toBe('1');
    expect((await world.line(payments, dev)).landed?.version).toBe('42');
  });

  it('says who is before whom', async () => {
    const { world, id } = await awaitingApproval();
    await world.push(payments, '40');

    const second = await world.promote(payments, prod, { version: '41' });
    const third = await world.promote(payments, prod, { version: '41' });

    expect((await world.promotion(second)).because).toBe(`1 before it; ${id} is running`);
    expect((await world.promotion(third)).because).toBe(`2 before it; ${id} is running`);
  });

  it('keeps its place whoever wakes a waiter without a reason', async () => {
    const { world, id } = await awaitingApproval();
    const second = await world.promote(payments, prod, { version: '41' });

    await world.executions.wake(world.run(second).token ?? 'none');
    await world.settle();

    expect((await world.promotion(second)).state).toBe('queued');
    expect((await world.line(payments, prod)).holder?.promotion).toBe(id);
  });

  it('does not forget who was handed the lock between two tries of parking', async () => {
    const { world, id } = await awaitingApproval();
    const second = await world.ask(payments, prod, { version: '41' });
    while (world.run(second).state !== 'Wait for turn') await world.run(second).step();
    const ref = { promotion: second, service: payments, environment: prod };
    await parkTurn(world.ports, {
      ...ref,
      waiting: { token: 'token-of-a-try-that-died', asking: '2026-03-01T12:00:00.000Z 0000' },
    });

    await world.vote(id, li, 'reject', 'no');

    expect((await world.promotion(second)).state).toBe('awaiting approval');
  });

  it('moves on where the first of those that wait gives up before its turn', async () => {
    const world = new World();
    await upToQa(world);
    world.failures.set('take-turn', [new TypeError('a bug')]);
    const first = await world.ask(payments, prod);
    const second = await world.ask(payments, prod);
    for (let step = 0; step < 6; step++) await world.run(second).step();
    expect((await world.promotion(second)).state).toBe('failed');

    await world.settle();

    expect((await world.promotion(first)).state).toBe('awaiting approval');
  });

  it('wakes who parked behind the first where the first fails before its turn', async () => {
    const world = new World();
    await upToQa(world);
    const first = await world.ask(payments, prod);
    const second = await world.ask(payments, prod);
    while (world.run(second).isReady()) await world.run(second).step();
    expect((await world.promotion(second)).state).toBe('queued');
    world.failures.set('take-turn', [new TypeError('a bug')]);

    await world.settle();

    expect((await world.promotion(first)).state).toBe('failed');
    expect((await world.promotion(second)).state).toBe('awaiting approval');
  });
});
