import { describe, expect, it } from 'vitest';
import { NotAllowed, Refused } from '../../lambdas/domain/errors.ts';
import { ana, li, mei, payments, prod, qa, raj, tom } from './shop.ts';
import { awaitingApproval, upToQa } from './stories.ts';
import { World } from './world.ts';

const DAY = 86_400_000;

describe('an approval', () => {
  it('that somebody refuses ends the promotion, with the reason and nothing landed', async () => {
    const { world, id } = await awaitingApproval();

    await world.vote(id, ana, 'reject', 'not on a Friday');

    expect(await world.promotion(id)).toMatchObject({
      state: 'rejected',
      because: 'ana rejected: not on a Friday',
    });
    expect(world.committed(prod)).toEqual([]);
    expect(world.registries.prod?.calls).toEqual([]);
    expect((await world.line(payments, prod)).holder).toBeUndefined();
    expect(world.notices.to('everybody').map(({ id: name }) => name)).toEqual([`${id}-rejected`]);
  });

  it('that nobody gives in time expires when the alarm rings, not before', async () => {
    const { world, id } = await awaitingApproval();

    await world.pass(DAY - 2_000);
    expect((await world.promotion(id)).state).toBe('awaiting approval');
    await world.pass(3_000);

    expect(await world.promotion(id)).toMatchObject({
      state: 'expired',
      because: '0 of 1 approved in time',
    });
    await expect(world.vote(id, ana, 'approve')).rejects.toThrow(Refused);
  });

  it('hears an alarm that rings on the very second of its expiry', async () => {
    const { world, id } = await awaitingApproval();
    const [alarm] = world.alarms.set;

    await world.pass((alarm?.at.getTime() ?? 0) - world.clock.now().getTime());

    expect((await world.promotion(id)).state).toBe('expired');
  });

  it('is not given after its time, though no alarm has rung yet', async () => {
    const { world, id } = await awaitingApproval();
    world.clock.advance(DAY + 1_000);

    await expect(world.vote(id, ana, 'approve')).rejects.toThrow('0 of 1 approved in time');

    expect(world.committed(prod)).toEqual([]);
    await world.pass(0);
    expect((await world.promotion(id)).state).toBe('expired');
  });

  it('is never given by who asked, nor by who is no approver', async () => {
    const world = new World();
    await upToQa(world);
    const id = await world.promote(payments, prod, { by: 'ana' });

    await expect(world.vote(id, ana, 'approve')).rejects.toThrow(NotAllowed);
    await expect(world.vote(id, raj, 'approve')).rejects.toThrow(NotAllowed);
    await expect(world.vote(id, mei, 'reject')).rejects.toThrow(NotAllowed);

    expect((await world.promotion(id)).state).toBe('awaiting approval');
    expect(world.notices.sent.map(({ to }) => to)).toEqual(['li', 'tom']);
  });

  it('is needed of as many as the environment says, whoever comes first', async () => {
    const { world, id } = await awaitingApproval({
      changes: { prod: { approval: { approvers: 'engineers', minimum: 2 } } },
    });

    await world.vote(id, ana, 'approve');
    expect(await world.promotion(id)).toMatchObject({
      state: 'awaiting approval',
      because: 'promoted in qa; 1 of 2 approved',
    });
    await world.vote(id, ana, 'approve');
    expect((await world.promotion(id)).state).toBe('awaiting approval');
    await world.vote(id, tom, 'approve');

    expect(await world.promotion(id)).toMatchObject({
      state: 'promoted',
      steps: { approval: { votes: [{ person: 'ana' }, { person: 'tom' }] } },
    });
  });

  it('ends with the first no of several', async () => {
    const { world, id } = await awaitingApproval({
      changes: { prod: { approval: { approvers: 'engineers', minimum: 3 } } },
    });
    await world.vote(id, ana, 'approve');

    await world.vote(id, li, 'reject', 'no');

    expect((await world.promotion(id)).state).toBe('rejected');
  });

  it('cannot be taken back, only said again', async () => {
    const { world, id } = await awaitingApproval({
      changes: { prod: { approval: { approvers: 'engineers', minimum: 2 } } },
    });
    await world.vote(id, ana, 'approve');

    await expect(world.vote(id, ana, 'reject', 'oops')).rejects.toThrow('already answered');
  });

  it('is not given by a token alone, however often it is answered (T18)', async () => {
    const { world, id } = await awaitingApproval();

    for (let time = 0; time < 3; time++) {
      await world.executions.wake(world.run(id).token ?? 'none');
      await world.settle();
    }

    expect((await world.promotion(id)).state).toBe('awaiting approval');
    expect(world.committed(prod)).toEqual([]);
    expect(world.run(id).history.filter((state) => state === 'Check gates')).toHaveLength(4);
    expect(world.notices.sent).toHaveLength(3);
  });

  it('is asked in qa only of who is asked to ask', async () => {
    const world = new World();
    await world.push(payments, '41');

    const id = await world.promote(payments, qa, { approval: true });

    expect((await world.promotion(id)).state).toBe('awaiting approval');
    await world.vote(id, mei, 'approve');
    expect((await world.promotion(id)).state).toBe('promoted');
  });

  it('is refused at once where too few may give it', async () => {
    const world = new World({
      changes: { prod: { approval: { approvers: ['ana', 'li'], minimum: 2 } } },
    });
    await upToQa(world);

    const id = await world.promote(payments, prod, { by: 'ana' });

    expect(await world.promotion(id)).toMatchObject({
      state: 'refused',
      because: '2 approvals are needed and only 1 may give them',
    });
  });

  it('leaves no readable token behind (T9)', async () => {
    const { world } = await awaitingApproval();

    const kept = JSON.stringify(world.table.contents);
    expect(kept).toContain('sealed.');
    const links = world.notices.sent.map(({ message }) => /\/a\/(\S+)/.exec(message.text)?.[1]);

    expect(kept).not.toContain('task-token');
    expect(new Set(links).size).toBe(3);
    for (const link of links) {
      expect(link).toMatch(/^[\w-]{43}$/);
      expect(kept).not.toContain(link);
    }
  });
});
