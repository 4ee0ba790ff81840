import { describe, expect, it } from 'vitest';
import { LedgerUnavailable } from '../../lambdas/domain/errors.ts';
import type { PromotionId } from '../../lambdas/domain/names.ts';
import { mendLine } from '../../lambdas/sweep/mend-line.ts';
import { dev, payments } from '../promote/shop.ts';
import { World } from '../promote/world.ts';

const MINUTE = 60_000;

/** A promotion that is about to land, in an execution that goes no further. */
async function aboutToLand(): Promise<{ world: World; id: PromotionId }> {
  const world = new World();
  await world.announce(await world.build(payments, '41'));
  const [id] = [...world.executions.all.keys()];
  if (id === undefined) throw new Error('nothing was started');
  world.clock.advance(MINUTE);
  while (world.run(id).state !== 'Land') await world.run(id).step();
  return { world, id };
}

function closeExecution(world: World, id: PromotionId): void {
  world.run(id).outcome = 'failed';
  world.executions.closedAt = world.clock.now();
}

const mend = (world: World) => mendLine(world.ports, world.config, payments, dev);

describe('a promotion whose execution is gone while it landed', () => {
  it('ends as promoted where its commit is in the Ledger', async () => {
    const { world, id } = await aboutToLand();
    await world.run(id).step();
    closeExecution(world, id);
    world.clock.advance(3 * MINUTE);

    expect((await mend(world)).mended).toEqual([
      `${id}: ended as promoted: its execution is gone, its commit is there`,
    ]);

    const [commit] = world.ledger.log();
    expect(await world.promotion(id)).toMatchObject({
      state: 'promoted',
      steps: { ledger: { outcome: 'already-committed', commit: commit?.id } },
    });
    expect((await world.line(payments, dev)).landed?.version).toBe('41');
  });

  it('is let be for two minutes, as its last function may still commit', async () => {
    const { world, id } = await aboutToLand();
    closeExecution(world, id);
    world.clock.advance(MINUTE);

    expect((await mend(world)).mended).toEqual([]);

    expect((await world.promotion(id)).state).toBe('landing');
    world.clock.advance(MINUTE);
    await mend(world);
    expect(await world.promotion(id)).toMatchObject({
      state: 'failed',
      cause: { code: 'ExecutionLost' },
    });
  });
});

describe('a promotion that failed because the Ledger did not answer', () => {
  it('gets the commit into its record that was made all the same', async () => {
    const { world, id } = await aboutToLand();
    const unanswered = () => new LedgerUnavailable('no answer');
    world.ledger.loseNextReply();
    world.ledger.failReadsAfterCommit(unanswered());
    await world.settle();
    expect(await world.promotion(id)).toMatchObject({ state: 'failed', cause: { step: 'ledger' } });
    world.ledger.failReadsAfterCommit(undefined);

    expect((await mend(world)).mended).toEqual([`${id}: its commit is in the Ledger after all`]);

    const promotion = await world.promotion(id);
    expect(promotion.state).toBe('failed');
    expect(promotion.steps.ledger?.commit).toBe(world.ledger.log()[0]?.id);
    expect((await mend(world)).mended).toEqual([]);
  });

  it('is looked for once where it was not made', async () => {
    const { world, id } = await aboutToLand();
    world.ledger.failNextRead(100);
    await world.settle();
    world.ledger.failNextRead(0);

    expect((await mend(world)).mended).toEqual([]);

    expect((await world.promotion(id)).steps.ledger).toMatchObject({ outcome: 'not-committed' });
    world.ledger.failNextRead(100);
    expect((await mend(world)).mended).toEqual([]);
  });
});
