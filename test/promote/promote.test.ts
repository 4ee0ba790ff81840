import { describe, expect, it } from 'vitest';
import { dev, li, payments, prod, qa } from './shop.ts';
import { upToQa } from './stories.ts';
import { World } from './world.ts';

describe('a promotion', () => {
  it('goes into dev by itself, and no further', async () => {
    const world = new World();

    await world.push(payments, '41');

    const [promotion, ...others] = await world.history(payments, dev);
    expect(others).toEqual([]);
    expect(promotion).toMatchObject({
      state: 'promoted',
      version: '41',
      requestedBy: { automatic: 'intake' },
      execution: expect.stringContaining(promotion?.id ?? 'none'),
      steps: {
        gates: { decision: 'proceed', reasons: ['no approval needed'] },
        copy: { outcome: 'same-place' },
        verify: { digest: promotion?.digest },
        ledger: { outcome: 'committed' },
        observe: { awaits: 'nothing' },
      },
    });
    expect(world.ledger.text('envs/dev/payments.yaml')).toContain('tag: "41" # set by Conveyor');
    expect(await world.line(payments, dev)).toMatchObject({
      waiters: [],
      landed: { version: '41', promotion: promotion?.id },
    });
    expect((await world.line(payments, dev)).holder).toBeUndefined();
    expect(await world.history(payments, qa)).toEqual([]);
    expect(world.notices.sent).toEqual([]);
  });

  it('goes into qa on request, copied byte for byte', async () => {
    const world = new World();
    await world.push(payments, '41');

    const id = await world.promote(payments, qa);

    expect(await world.promotion(id)).toMatchObject({
      state: 'promoted',
      version: '41',
      requestedBy: { person: 'raj' },
      steps: {
        gates: { reasons: ['promoted in dev', 'no approval needed'] },
        copy: { outcome: 'copied', manifests: 1, blobsCopied: 2 },
      },
    });
    expect(world.registries.qa?.contents('shop/payments' as never)).toEqual(
      world.registries.dev?.contents('shop/payments' as never),
    );
  });

  it('goes into prod once somebody else approved', async () => {
    const world = new World();
    await upToQa(world);

    const id = await world.promote(payments, prod);

    expect(await world.promotion(id)).toMatchObject({
      state: 'awaiting approval',
      because: 'promoted in qa; approval needed',
    });
    expect(world.notices.sent.map(({ to }) => to)).toEqual(['ana', 'li', 'tom']);
    expect(world.committed(prod)).toEqual([]);

    await world.vote(id, li, 'approve');

    expect(await world.promotion(id)).toMatchObject({
      state: 'promoted',
      steps: { gates: { reasons: ['promoted in qa', 'approved by li'] } },
    });
    expect(world.ledger.log()[0]?.message).toContain('Conveyor-Approved-By: li');
    expect(world.alarms.set).toEqual([]);
  });
});
