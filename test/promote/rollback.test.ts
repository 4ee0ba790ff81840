import { describe, expect, it } from 'vitest';
import { NotFound } from '../../lambdas/domain/errors.ts';
import { finishPromotion } from '../../lambdas/promote/finish-promotion.ts';
import { dev, li, payments, prod, qa } from './shop.ts';
import { upToQa } from './stories.ts';
import { World } from './world.ts';

const AUTOMATIC = { qa: { promotion: 'auto' } };

async function threeInQa(): Promise<World> {
  const world = new World();
  for (const version of ['41', '42', '43']) await upToQa(world, version);
  return world;
}

describe('a rollback', () => {
  it('puts back what ran before, as a promotion of its own, without a byte moved', async () => {
    const world = await threeInQa();

    const id = await world.promote(payments, qa, { kind: 'rollback' });

    expect(await world.promotion(id)).toMatchObject({
      kind: 'rollback',
      version: '42',
      state: 'promoted',
      previous: { version: '43' },
      steps: {
        gates: { reasons: ['promoted in qa', 'no approval needed'] },
        copy: { outcome: 'already-present', bytes: 0 },
      },
    });
    expect((await world.line(payments, qa)).landed?.version).toBe('42');
    expect(world.committed(qa).at(-1)).toBe('promote(qa): payments 43 -> 42');
  });

  it('goes further back the second time, not to what the first one fled from', async () => {
    const world = await threeInQa();
    await world.promote(payments, qa, { kind: 'rollback' });

    const id = await world.promote(payments, qa, { kind: 'rollback' });

    expect((await world.promotion(id)).version).toBe('41');
    await expect(world.ask(payments, qa, { kind: 'rollback' })).rejects.toThrow(NotFound);
  });

  it('goes to where it is told, if that ever ran there', async () => {
    const world = await threeInQa();
    await world.push(payments, '44');

    const back = await world.promote(payments, qa, { kind: 'rollback', version: '41' });
    const never = await world.promote(payments, qa, { kind: 'rollback', version: '44' });

    expect((await world.promotion(back)).state).toBe('promoted');
    expect(await world.promotion(never)).toMatchObject({
      state: 'refused',
      because: '44 never ran in qa',
    });
  });

  it('goes before everybody else who waits, and is superseded by nobody', async () => {
    const world = await threeInQa();
    const first = await world.ask(payments, qa, { version: '43' });
    while (world.run(first).state !== 'Copy' && world.run(first).state !== 'Verify')
      await world.run(first).step();
    const second = await world.ask(payments, qa, { version: '43' });
    const back = await world.ask(payments, qa, { kind: 'rollback', version: '41' });
    while (world.run(second).isReady()) await world.run(second).step();
    while (world.run(back).isReady()) await world.run(back).step();

    await world.settle();

    const [ended, later] = [await world.promotion(back), await world.promotion(second)];
    expect([ended.state, later.state]).toEqual(['promoted', 'promoted']);
    expect(later.previous?.version).toBe('41');
  });

  it('needs the approval that a promotion needs', async () => {
    const world = await threeInQa();
    for (const version of ['41', '42'])
      await world.vote(await world.promote(payments, prod, { version }), li, 'approve');

    const id = await world.promote(payments, prod, { kind: 'rollback' });

    expect(await world.promotion(id)).toMatchObject({ version: '41', state: 'awaiting approval' });
  });
});

describe('the next stage', () => {
  it('is offered what landed in the one before, once, where it promotes by itself', async () => {
    const world = new World({ changes: AUTOMATIC });

    await world.push(payments, '41');

    const [offered, ...others] = await world.history(payments, qa);
    expect(others).toEqual([]);
    expect(offered).toMatchObject({
      state: 'promoted',
      requestedBy: { automatic: 'promotion' },
      source: { environment: 'dev' },
    });
    expect(await world.history(payments, prod)).toEqual([]);
  });

  it('is offered it once, however often the finish runs', async () => {
    const world = new World({ changes: AUTOMATIC });
    await world.push(payments, '41');
    const [inDev] = await world.history(payments, dev);
    if (inDev === undefined) throw new Error('nothing in dev');
    const ref = { promotion: inDev.id, service: payments, environment: dev };

    await finishPromotion(world.ports, world.config, ref, 'promoted');
    await finishPromotion(world.ports, world.config, ref, 'failed');
    await world.settle();

    expect(await world.history(payments, qa)).toHaveLength(1);
    expect((await world.promotion(inDev.id)).state).toBe('promoted');
  });

  it('is offered nothing that was rolled back, and nothing that failed', async () => {
    const world = new World({ changes: AUTOMATIC });
    await world.push(payments, '41');
    await world.push(payments, '42');
    world.failures.set('update-ledger', [new TypeError('a bug')]);

    await world.push(payments, '43');
    await world.promote(payments, dev, { kind: 'rollback' });

    expect((await world.line(payments, dev)).landed?.version).toBe('41');
    expect((await world.history(payments, qa)).map(({ version }) => version)).toEqual(['42', '41']);
  });
});

describe('what landed where a person syncs', () => {
  it('is said to everybody: it waits for that sync', async () => {
    const world = new World();
    await upToQa(world);
    world.argocd.set('payments-prod', { autoSync: false });
    const id = await world.promote(payments, prod);

    await world.vote(id, li, 'approve');

    const subjects = world.notices.to('everybody').map(({ message }) => message.subject);
    expect(subjects).toEqual([
      '[prod] promoted: payments 41',
      '[prod] waits for a manual sync: payments 41',
    ]);
  });
});
