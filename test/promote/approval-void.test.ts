import { describe, expect, it } from 'vitest';
import { castVote } from '../../lambdas/approval/cast-vote.ts';
import { ana, li, payments, prod, shop, tom } from './shop.ts';
import { awaitingApproval, upToQa } from './stories.ts';
import { World } from './world.ts';

const MANIFEST = 'envs/prod/payments.yaml';

describe('what was shown moves, so the approval', () => {
  it.each<[string, (world: World) => void]>([
    [
      'the manifest in the Ledger',
      (world) => world.ledger.push({ [MANIFEST]: 'image:\n  tag: "0"\nreplicas: 3\n' }),
    ],
    [
      'the policy',
      (world) => {
        world.config = new World({
          changes: { prod: { approval: { approvers: ['li', 'tom', 'mei'] } } },
        }).config;
      },
    ],
  ])('is void: %s', async (_, move) => {
    const { world, id } = await awaitingApproval();
    move(world);

    await expect(world.vote(id, li, 'approve')).rejects.toThrow('has changed');

    expect(await world.promotion(id)).toMatchObject({
      state: 'awaiting approval',
      steps: { approval: { votes: [] } },
    });
    expect(await world.ports.approvals.latest(id)).toMatchObject({ round: 2, state: 'open' });
    expect(world.committed(prod)).toEqual([]);
    const voided = world.notices.sent.filter(({ id: name }) => name.includes('-1-void-'));
    expect(voided.map(({ to }) => to)).toEqual(['ana', 'li', 'tom']);
    expect(voided[0]?.message.subject).toContain('approval void');

    await world.vote(id, li, 'approve');
    expect((await world.promotion(id)).state).toBe('promoted');
  });

  it('is asked anew where somebody wrote into the manifest while it was copied (T3)', async () => {
    const { world, id } = await approvedUpToLand();
    world.ledger.push({ [MANIFEST]: 'image:\n  tag: "99"\n' });

    await world.settle();

    expect((await world.promotion(id)).state).toBe('awaiting approval');
    expect(world.committed(prod)).toEqual([]);
    await world.vote(id, li, 'approve');
    expect((await world.promotion(id)).state).toBe('promoted');
    expect((await world.promotion(id)).steps.ledger?.changes).toMatchObject([{ before: '99' }]);
  });

  it('is asked of more people where the policy came to demand it while it was copied (T18)', async () => {
    const { world, id } = await approvedUpToLand();
    world.config = shop({ prod: { approval: { approvers: 'engineers', minimum: 2 } } });

    await world.settle();

    expect((await world.promotion(id)).state).toBe('awaiting approval');
    expect(world.committed(prod)).toEqual([]);
    await world.vote(id, li, 'approve');
    expect((await world.promotion(id)).state).toBe('awaiting approval');
    await world.vote(id, tom, 'approve');
    expect((await world.promotion(id)).state).toBe('promoted');
  });

  it('is asked for where the policy came to demand it while it was copied, whatever waits behind it', async () => {
    const { world, id } = await awaitingApproval();
    await upToQa(world, '42');
    await approvedUpToLand({ world, id });
    const newer = await world.ask(payments, prod, { version: '42' });
    world.config = shop({ prod: { approval: { approvers: 'engineers', minimum: 2 } } });

    await world.settle();

    expect(world.committed(prod)).toEqual([]);
    expect((await world.promotion(id)).state).toBe('superseded');
    expect((await world.promotion(newer)).state).toBe('awaiting approval');
  });

  it('given already does not count for what is there now', async () => {
    const { world, id } = await awaitingApproval({
      changes: { prod: { approval: { approvers: 'engineers', minimum: 2 } } },
    });
    await world.vote(id, ana, 'approve');
    world.ledger.push({ [MANIFEST]: 'image:\n  tag: "39"\n' });

    await expect(world.vote(id, li, 'approve')).rejects.toThrow('has changed');
    await world.vote(id, li, 'approve');

    expect(await world.promotion(id)).toMatchObject({
      state: 'awaiting approval',
      because: 'promoted in qa; 1 of 2 approved',
    });
    await world.vote(id, ana, 'approve');
    expect((await world.promotion(id)).state).toBe('promoted');
  });

  it('is asked anew by itself where it moved while the mails went out', async () => {
    let moved = false;
    const world = new World({
      tap: {
        after: (call) => {
          if (call !== 'notices.approver' || moved) return;
          moved = true;
          world.ledger.push({ [MANIFEST]: 'image:\n  tag: "7"\n' });
        },
      },
    });
    await upToQa(world);

    const id = await world.promote(payments, prod);

    expect(await world.ports.approvals.latest(id)).toMatchObject({ round: 2, state: 'open' });
    await world.vote(id, li, 'approve');
    expect((await world.promotion(id)).state).toBe('promoted');
  });

  it('counts for nobody who loaded the promotion before it was asked anew', async () => {
    const { world, id } = await awaitingApproval();
    const seen = await world.promotion(id);
    world.ledger.push({ [MANIFEST]: 'image:\n  tag: "7"\n' });
    await expect(world.vote(id, ana, 'approve')).rejects.toThrow('has changed');

    const late = castVote(world.ports, world.config, seen, {
      person: li,
      decision: 'approve',
      via: 'page',
    });

    await expect(late).rejects.toThrow('has changed');
    expect((await world.ports.approvals.latest(id))?.votes).toEqual([]);
  });
});

/** Approved, copied and verified; nothing of it is in the Ledger yet. */
async function approvedUpToLand(asked?: Awaited<ReturnType<typeof awaitingApproval>>) {
  const { world, id } = asked ?? (await awaitingApproval());
  await castVote(world.ports, world.config, await world.promotion(id), {
    person: li,
    decision: 'approve',
    via: 'cli',
  });
  while (world.run(id).state !== 'Land') await world.run(id).step();
  return { world, id };
}
