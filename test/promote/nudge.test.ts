import { describe, expect, it } from 'vitest';
import type { PromotionId } from '../../lambdas/domain/names.ts';
import { li, payments, prod } from './shop.ts';
import { upToQa } from './stories.ts';
import { World } from './world.ts';

/** 41 is on its way into prod, and 42 is asked for after exactly `k` calls of the world outside. */
async function newerAfter(k: number) {
  let calls = -1;
  const newer: PromotionId[] = [];
  const world: World = new World({
    tap: {
      after: async () => {
        if (calls < 0 || newer.length > 0 || calls++ !== k) return;
        calls = -1;
        newer.push(await world.ask(payments, prod, { version: '42' }));
      },
    },
  });
  await upToQa(world, '41');
  await upToQa(world, '42');
  calls = 0;
  const older = await world.promote(payments, prod, { version: '41' });
  return { world, older, newer: newer[0] };
}

describe('something newer, whenever it comes', () => {
  it('never waits for an approval of something older', async () => {
    let moments = 0;
    for (let k = 0; ; k++) {
      const { world, older, newer } = await newerAfter(k);
      if (newer === undefined) break;
      const after = (await world.promotion(older)).state;
      moments += after === 'superseded' ? 1 : 0;

      // Who was asked for first of the two goes first: before the older one stands in line, that is the newer.
      expect(['superseded', 'queued'], `after call ${k}`).toContain(after);
      expect((await world.promotion(newer)).state, `after call ${k}`).toBe('awaiting approval');
      expect(world.alarms.set.map(({ promotion }) => promotion)).toEqual([newer]);
    }
    expect(moments).toBeGreaterThan(20);
  }, 60_000);

  it('wakes nobody under every', async () => {
    const world = await approvedUnderEvery();
    const older = await world.promote(payments, prod, { version: '41' });
    const { length } = world.run(older).history;

    await world.promote(payments, prod, { version: '42' });

    expect(world.run(older).history).toHaveLength(length);
  });
});

describe('a rollback, whatever the strategy', () => {
  it('goes before what only awaits its approval', async () => {
    const world = await approvedUnderEvery();
    await world.vote(await world.promote(payments, prod, { version: '41' }), li, 'approve');
    const newer = await world.promote(payments, prod, { version: '42' });

    const back = await world.promote(payments, prod, { version: '41', kind: 'rollback' });

    expect(await world.promotion(newer)).toMatchObject({
      state: 'superseded',
      because: `a rollback to 41 waits (${back}); ask again after it`,
    });
    expect((await world.promotion(back)).state).toBe('awaiting approval');
  });

  it('that will be refused makes nobody give way', async () => {
    const world = await approvedUnderEvery();
    const newer = await world.promote(payments, prod, { version: '41' });

    const back = await world.promote(payments, prod, { version: '42', kind: 'rollback' });

    expect((await world.promotion(newer)).state).toBe('awaiting approval');
    expect((await world.promotion(back)).state).toBe('queued');
  });
});

/** 41 and 42 are in qa; prod promotes every one, with an approval. */
async function approvedUnderEvery(): Promise<World> {
  const world = new World({
    changes: { prod: { strategy: 'every', approval: { approvers: 'engineers' } } },
  });
  await upToQa(world, '41');
  await upToQa(world, '42');
  return world;
}
