import { describe, expect, it } from 'vitest';
import { dev, li, payments, prod, qa } from './shop.ts';
import { awaitingApproval, only, upToQa } from './stories.ts';
import { World } from './world.ts';

const LATEST = { dev: { strategy: 'latest' } };

describe('a line under latest', () => {
  it('supersedes what awaits approval as soon as something newer is asked for', async () => {
    const { world, id } = await awaitingApproval();
    await upToQa(world, '42');

    const newer = await world.promote(payments, prod, { version: '42' });

    expect(await world.promotion(id)).toMatchObject({
      state: 'superseded',
      because: `42 is newer and waits (${newer}); the strategy is latest`,
    });
    expect((await world.promotion(newer)).state).toBe('awaiting approval');
    expect(world.notices.to('everybody').map(({ id: name }) => name)).toEqual([`${id}-superseded`]);
    await world.vote(newer, li, 'approve');
    expect(world.committed(prod)).toEqual(['promote(prod): payments 0 -> 42']);
  });

  it('leaves alone what awaits approval where something older joins, or something that never was in qa', async () => {
    const world = new World();
    await upToQa(world, '41');
    await upToQa(world, '42');
    await world.push(payments, '43');
    const id = await world.promote(payments, prod, { version: '42' });

    const { length } = world.run(id).history;
    const older = await world.promote(payments, prod, { version: '41' });
    expect(world.run(id).history).toHaveLength(length);
    const never = await world.promote(payments, prod, { version: '43' });

    expect((await world.promotion(id)).state).toBe('awaiting approval');
    expect(world.notices.sent).toHaveLength(3);
    await world.vote(id, li, 'approve');
    expect((await world.promotion(id)).state).toBe('promoted');
    await world.vote(older, li, 'approve');
    expect(await world.promotion(never)).toMatchObject({
      state: 'refused',
      because: '43 was never promoted in qa',
    });
  });

  it('lands only the newest of what came while it was busy', async () => {
    const world = new World({ changes: LATEST });
    const pushes = [];
    for (const version of ['41', '42', '43']) pushes.push(await world.build(payments, version));
    await world.announce(pushes[0] as never);
    for (let step = 0; step < 9; step++) await world.run(only(world)).step();
    await Promise.all(pushes.slice(1).map((push) => world.announce(push)));

    await world.settle();

    const states = (await world.history(payments, dev)).map(({ version, state }) => [
      version,
      state,
    ]);
    expect(Object.fromEntries(states)).toEqual({
      41: 'promoted',
      42: 'superseded',
      43: 'promoted',
    });
  });

  it('supersedes a holder by what another stage offers by itself', async () => {
    const world = new World({
      changes: { prod: { promotion: 'auto', approval: { approvers: 'engineers' } } },
    });
    await upToQa(world, '41');
    await upToQa(world, '42');

    const states = (await world.history(payments, prod)).map(({ version, state }) => [
      version,
      state,
    ]);
    expect(states).toEqual([
      ['42', 'awaiting approval'],
      ['41', 'superseded'],
    ]);
  });

  it('supersedes at the first vote what something newer overtook without anybody noticing', async () => {
    const world = new World();
    await upToQa(world, '41');
    const older = await world.promote(payments, prod, { version: '41' });
    await world.push(payments, '42');
    const newer = await world.promote(payments, prod, { version: '42' });
    await world.promote(payments, qa, { version: '42' });
    expect((await world.promotion(older)).state).toBe('awaiting approval');

    await expect(world.vote(older, li, 'approve')).rejects.toThrow(/Decided already/);

    expect((await world.promotion(older)).state).toBe('superseded');
    expect((await world.promotion(newer)).state).toBe('awaiting approval');
  });
});
