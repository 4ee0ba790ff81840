import { describe, expect, it } from 'vitest';
import type { PromotionId } from '../../lambdas/domain/names.ts';
import { mendLine } from '../../lambdas/sweep/mend-line.ts';
import { dev, li, payments, prod, qa, tom } from '../promote/shop.ts';
import { awaitingApproval, upToQa } from '../promote/stories.ts';
import { World } from '../promote/world.ts';

const MINUTE = 60_000;

async function mend(world: World, environment = prod): Promise<readonly string[]> {
  const { mended } = await mendLine(world.ports, world.config, payments, environment);
  await world.settle();
  return mended;
}

/** A world where calls can be made to die, once they are told to. */
function mortal() {
  let dying: string | undefined;
  const world = new World({
    tap: {
      before: (call) => {
        if (call === dying) throw new Error(`died before ${call}`);
      },
    },
  });
  const die = (call?: string) => {
    dying = call;
  };
  return { world, die };
}

describe('a sweep of a line', () => {
  it('finds nothing where all is well, and changes nothing', async () => {
    const { world, id } = await awaitingApproval();
    await world.promote(payments, prod);
    await world.pass(10 * MINUTE);
    const before = world.table.contents;

    expect(await mend(world)).toEqual([]);
    expect(await mend(world, dev)).toEqual([]);

    expect(world.table.contents).toEqual(before);
    expect((await world.promotion(id)).state).toBe('awaiting approval');
  });

  it('starts what was never started', async () => {
    const { world, die } = mortal();
    const push = await world.build(payments, '41');
    die('executions.start');
    await expect(world.announce(push)).rejects.toThrow('died');
    die();
    const [queued] = await world.history(payments, dev);
    expect(queued).toMatchObject({ state: 'queued' });

    expect(await mend(world, dev)).toEqual([`${queued?.id}: started`]);

    expect(await world.history(payments, dev)).toMatchObject([{ state: 'promoted' }]);
  });

  it('ends what died without a word, says so, and lets the next one go', async () => {
    const { world, id } = await awaitingApproval();
    const second = await world.promote(payments, prod);
    world.run(id).outcome = 'failed';

    expect(await mend(world)).toEqual([`${id}: ended, its execution is gone`]);

    expect(await world.promotion(id)).toMatchObject({
      state: 'failed',
      cause: { code: 'ExecutionLost', step: 'awaiting approval' },
    });
    expect((await world.promotion(second)).state).toBe('awaiting approval');
    expect(world.notices.to('everybody').map(({ id: name }) => name)).toEqual([`${id}-failed`]);
  });

  it('does not wake who was handed the lock and has died, but who comes after', async () => {
    const { world, die } = mortal();
    await upToQa(world);
    const [first, second, third] = [
      await world.promote(payments, prod),
      await world.promote(payments, prod),
      await world.promote(payments, prod),
    ];
    die('sealer.open');
    await expect(world.vote(first, li, 'reject', 'no')).rejects.toThrow('died');
    await world.executions.wake(world.run(first).token ?? 'none');
    await world.settle();
    die();
    world.run(second).outcome = 'failed';
    await world.pass(MINUTE);

    expect(await mend(world)).toEqual([`${second}: ended, its execution is gone`]);

    expect((await world.promotion(third)).state).toBe('awaiting approval');
  });

  it('lets those go who parked behind one that died before its turn', async () => {
    const world = new World();
    await upToQa(world);
    const first = await world.ask(payments, prod);
    const second = await world.ask(payments, prod);
    while (world.run(second).isReady()) await world.run(second).step();
    world.run(first).outcome = 'failed';

    await mend(world);

    expect((await world.promotion(first)).state).toBe('failed');
    expect((await world.promotion(second)).state).toBe('awaiting approval');
  });

  it('wakes who was handed the lock and not told, after a minute', async () => {
    const { world, die } = mortal();
    await upToQa(world);
    const first = await world.promote(payments, prod);
    const second = await world.promote(payments, prod);
    die('sealer.open');
    await expect(world.vote(first, li, 'reject', 'no')).rejects.toThrow('died');
    await world.executions.wake(world.run(first).token ?? 'none');
    await world.settle();
    die();
    expect((await world.line(payments, prod)).holder).toMatchObject({
      promotion: second,
      token: expect.any(String),
    });
    expect((await world.promotion(second)).state).toBe('queued');

    expect(await mend(world)).toEqual([]);
    await world.pass(MINUTE);
    expect(await mend(world)).toEqual([`${second}: woken for its turn`]);

    expect((await world.promotion(second)).state).toBe('awaiting approval');
    expect((await world.line(payments, prod)).holder?.token).toBeUndefined();
  });

  it.each<[string, (world: World, id: PromotionId) => Promise<unknown>, string]>([
    ['given', (world, id) => world.vote(id, li, 'approve'), 'promoted'],
    ['refused', (world, id) => world.vote(id, tom, 'reject', 'no'), 'rejected'],
    ['expired, its alarm lost', async (world) => world.clock.advance(25 * 60 * MINUTE), 'expired'],
  ])('wakes for an approval that was %s and nobody woken for', async (_, decided, state) => {
    const { world, die } = mortal();
    await upToQa(world);
    const id = await world.promote(payments, prod);
    die('executions.wake');
    await decided(world, id).catch(() => undefined);
    die();
    expect((await world.promotion(id)).state).toBe('awaiting approval');

    expect(await mend(world)).toEqual([`${id}: woken for its approval`]);

    expect((await world.promotion(id)).state).toBe(state);
  });

  it('has an approval asked anew where what was shown moved, and nobody has looked', async () => {
    const { world, id } = await awaitingApproval();
    world.ledger.push({ 'envs/prod/payments.yaml': 'image:\n  tag: "7"\n' });

    expect(await mend(world)).toEqual([`${id}: woken for its approval`]);

    expect(await world.ports.approvals.latest(id)).toMatchObject({ round: 2, state: 'open' });
    expect(await mend(world)).toEqual([]);
  });

  it('lets go what awaits an approval that the policy asks no more', async () => {
    const { world, id } = await awaitingApproval();
    const { approval: _, ...without } = world.config.environments[prod] as { approval?: unknown };
    world.config = {
      ...world.config,
      environments: { ...world.config.environments, [prod]: without as never },
    };

    await mend(world);

    expect(await world.promotion(id)).toMatchObject({
      state: 'promoted',
      steps: { gates: { reasons: ['promoted in qa', 'no approval needed'] } },
    });
  });

  it('does not take for dead what ended while it was looking', async () => {
    const world = new World();
    await world.push(payments, '41');
    const id = await world.ask(payments, qa);
    while (world.run(id).state !== 'Finish') await world.run(id).step();
    const status = world.executions.status.bind(world.executions);
    world.executions.status = async (promotion) => {
      await world.settle();
      return status(promotion);
    };

    expect(await mend(world, qa)).toEqual([]);

    expect((await world.promotion(id)).state).toBe('promoted');
    expect(world.notices.sent).toEqual([]);
  });
});
