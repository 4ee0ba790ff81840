import { beforeEach, describe, expect, it } from 'vitest';
import { TableApprovals } from '../../lambdas/adapters/table-approvals.ts';
import { TableLines } from '../../lambdas/adapters/table-lines.ts';
import { TablePromotions } from '../../lambdas/adapters/table-promotions.ts';
import { requestApproval } from '../../lambdas/approval/request-approval.ts';
import { copyPromotion } from '../../lambdas/copy/copy-promotion.ts';
import { Digest } from '../../lambdas/domain/digest.ts';
import { Version } from '../../lambdas/domain/names.ts';
import type { Change } from '../../lambdas/ports/table.ts';
import { checkGates } from '../../lambdas/promote/check-gates.ts';
import { newPromotion, placeOf } from '../../lambdas/promote/new-promotion.ts';
import { TokenReference } from '../../lambdas/promote/reference.ts';
import { refOf } from '../../lambdas/promote/start-promotion.ts';
import { FixedClock } from '../fakes/fixed-clock.ts';
import { MemoryTable } from '../fakes/memory-table.ts';
import { dev, li, payments, prod, shop } from './shop.ts';
import { upToQa } from './stories.ts';
import { World } from './world.ts';

const NOW = '2026-03-01T12:00:00.000Z';
const [EARLIER, LATER] = [`${NOW} 0000`, '2026-03-01T12:00:05.000Z 0000'];

/** Does something right before a write that matches takes effect: between somebody's reading and writing. */
class Interrupted extends MemoryTable {
  before: ((changes: readonly Change[]) => Promise<unknown>) | undefined;

  override async write(changes: readonly Change[]): Promise<boolean> {
    const act = this.before;
    this.before = undefined;
    await act?.(changes);
    return super.write(changes);
  }
}

/** What the simulation found, each where it was mended. */
describe('a line', () => {
  const clock = new FixedClock(NOW);
  const config = shop();
  let table: Interrupted;
  let lines: TableLines;

  const open = async () => {
    const release = {
      schema: 1,
      service: payments,
      version: Version.parse('41'),
      digest: Digest.parse(`sha256:${'0'.repeat(64)}`),
      source: placeOf(config, payments, dev),
      pushedAt: NOW,
      seenAt: NOW,
      announcedBy: 'event',
    } as const;
    const promotion = newPromotion(config, clock, {
      release,
      environment: dev,
      requestedBy: { automatic: 'intake' },
    });
    return refOf(await new TablePromotions(table).open(promotion, promotion.id));
  };

  beforeEach(() => {
    table = new Interrupted();
    lines = new TableLines(table);
  });

  it('wakes who parks in the very moment when the lock is given back', async () => {
    const [first, second] = [await open(), await open()];
    await lines.take(first, NOW);
    table.before = () => lines.park(second, 'sealed', EARLIER);

    const { next } = await lines.end(first, { state: 'failed' }, NOW);

    expect(next).toMatchObject({ promotion: second.promotion, token: 'sealed' });
    expect((await lines.read(payments, dev)).holder).toBeUndefined();
  });

  it('wakes them as well where whoever gave it back died before looking once more', async () => {
    const [first, second] = [await open(), await open()];
    await lines.take(first, NOW);
    table.before = () => lines.park(second, 'sealed', EARLIER);
    await lines.end(first, { state: 'failed' }, NOW);

    const { next } = await lines.end(first, { state: 'failed' }, NOW);

    expect(next).toMatchObject({ promotion: second.promotion, token: 'sealed' });
  });

  it('keeps the token of the later asking, whichever is written last', async () => {
    await lines.take(await open(), NOW);
    const waiter = await open();
    await lines.park(waiter, 'new', LATER);

    expect(await lines.park(waiter, 'old', EARLIER)).toBe(true);

    expect((await lines.read(payments, dev)).waiters).toMatchObject([{ token: 'new' }]);
  });

  it('keeps it for an approval, too', async () => {
    const approvals = new TableApprovals(table);
    const { promotion } = await open();
    await approvals.open({
      promotion,
      round: 1,
      shown: 'x',
      asked: [li],
      askedAt: NOW,
      expiresAt: LATER.slice(0, 24),
      state: 'open',
      votes: [],
      told: [],
    });
    await approvals.note(promotion, 1, { parked: { token: 'new', asking: LATER } });

    await approvals.note(promotion, 1, { parked: { token: 'old', asking: EARLIER } });

    expect(await approvals.latest(promotion)).toMatchObject({ token: 'new' });
  });
});

describe('an execution of an older definition', () => {
  it('hands over its token without an order, and the last one counts', () => {
    const ref = { promotion: `p_${'0'.repeat(26)}`, service: 'payments', environment: 'dev' };
    const [one, other] = ['first', 'second'].map((token) =>
      TokenReference.parse({ ...ref, token }),
    );

    expect(one?.waiting.asking).toBe(other?.waiting.asking);
    expect(one?.waiting.asking.localeCompare(EARLIER)).toBeLessThan(0);
  });
});

describe('a promotion that has ended', () => {
  it('is not copied for any more, though somebody redrives its execution', async () => {
    const world = new World();
    await upToQa(world);
    const id = await world.promote(payments, prod);
    await world.vote(id, li, 'reject', 'no');
    const ref = { promotion: id, service: payments, environment: prod };

    await expect(copyPromotion(world.ports, ref, () => 900_000)).rejects.toThrow(
      /has ended already/,
    );

    expect(world.registries.prod?.contents('shop/payments' as never).tags).toEqual({});
  });

  it('is asked for no more, and its gates say how it ended', async () => {
    const world = new World();
    await upToQa(world);
    const id = await world.promote(payments, prod);
    await world.vote(id, li, 'reject', 'no');
    const ref = { promotion: id, service: payments, environment: prod };
    const mails = world.notices.sent.length;

    const waiting = { token: 'of-the-redriven-state', asking: LATER };
    await requestApproval(world.ports, world.config, { ...ref, waiting });

    expect(world.executions.wakes.at(-1)).toBe('of-the-redriven-state');
    expect(world.notices.sent).toHaveLength(mails);
    expect(await checkGates(world.ports, world.config, ref)).toMatchObject({
      verdict: 'end',
      ending: 'rejected',
    });
  });
});
