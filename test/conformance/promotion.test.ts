import { describe, expect, it } from 'vitest';
import { dev, li, mei, prod, qa } from '../promote/shop.ts';
import { DELIVERIES } from './deliveries.ts';
import { arrive, newest, upToProd, upToQa } from './stories.ts';

/** Calls that bring bytes somewhere: of registries, and of buckets. */
const MOVES = /^(?:dev|qa|prod)\.(?:pull|push)$|^(?:conveyor|shop)-\S+\.(?:create|copyFrom)$/;

describe.each(DELIVERIES)('$kind from $source to $target', (delivery) => {
  const { service, versions, open, holds, ledger } = delivery;
  const [first, second, third] = versions;

  it('goes into dev by itself, and no further', async () => {
    const world = open();

    await arrive(delivery, world, first);

    const promotion = await newest(delivery, world);
    expect(promotion).toMatchObject({
      state: 'promoted',
      version: first,
      requestedBy: { automatic: 'intake' },
    });
    expect(await holds(world, dev, first)).toBe(promotion.digest);
    expect(ledger(world, dev)).toBe(first);
    expect(await world.history(service, qa)).toEqual([]);
    expect(ledger(world, qa)).toBe('0');
  });

  it('goes through qa on request, and into prod once somebody else approved, the same bytes', async () => {
    const world = open();
    await upToQa(delivery, world, first);
    const { digest } = await newest(delivery, world);

    const id = await world.promote(service, prod);

    expect(await world.promotion(id)).toMatchObject({ state: 'awaiting approval', digest });
    expect([await holds(world, prod, first), ledger(world, prod)]).toEqual([undefined, '0']);

    await world.vote(id, li, 'approve');

    expect(await world.promotion(id)).toMatchObject({
      state: 'promoted',
      digest,
      steps: {
        gates: { reasons: ['promoted in qa', 'approved by li'] },
        copy: { outcome: 'copied' },
        verify: { digest, children: [] },
        ledger: { outcome: 'committed' },
      },
    });
    for (const environment of [dev, qa, prod]) {
      expect(await holds(world, environment, first), environment).toBe(digest);
      expect(ledger(world, environment), environment).toBe(first);
      expect((await world.line(service, environment)).landed).toMatchObject({
        version: first,
        digest,
      });
    }
    const [{ message } = { message: '' }] = world.ledger.log();
    expect(message).toContain(`promote(prod): ${service} 0 -> ${first.slice(0, 12)}`);
    expect(message).toContain(`"0" -> "${first}"`);
    expect(message).toContain(`Conveyor-Promotion: ${id}`);
    expect(message).toContain(`Conveyor-Digest: ${digest}`);
    expect(message).toContain('Conveyor-Approved-By: li');
  });

  it('arrives nowhere where the approver says no', async () => {
    const world = open();
    await upToQa(delivery, world, first);
    const id = await world.promote(service, prod);

    await world.vote(id, li, 'reject', 'not today');

    expect((await world.promotion(id)).state).toBe('rejected');
    expect([await holds(world, prod, first), ledger(world, prod)]).toEqual([undefined, '0']);
    expect((await world.line(service, prod)).landed).toBeUndefined();
  });

  it('is one release and one promotion, however often and by whom it is told', async () => {
    const world = open();
    const announce = await delivery.build(world, first);

    const told = [await announce(), await announce()];
    await world.settle();
    told.push(await announce());
    await world.settle();

    expect(told.map(({ outcome }) => outcome)).toEqual(['new', 'known', 'known']);
    expect(await world.history(service, dev)).toHaveLength(1);
    expect(await world.ports.releases.list(service, 10)).toHaveLength(1);
    expect(world.committed(dev)).toHaveLength(1);
  });

  it('is put back by a rollback, without a byte moved, and again further back', async () => {
    const moved: string[] = [];
    const world = open({ tap: { before: (call) => void (MOVES.test(call) && moved.push(call)) } });
    for (const version of versions) await upToQa(delivery, world, version);
    expect(moved.length).toBeGreaterThan(0);
    moved.length = 0;

    const back = await world.promote(service, qa, { kind: 'rollback' });

    expect(await world.promotion(back)).toMatchObject({
      kind: 'rollback',
      version: second,
      state: 'promoted',
      previous: { version: third },
      steps: { copy: { outcome: 'already-present', bytes: 0 } },
    });
    expect(ledger(world, qa)).toBe(second);

    const further = await world.promote(service, qa, { kind: 'rollback' });

    expect(await world.promotion(further)).toMatchObject({ version: first, state: 'promoted' });
    expect(ledger(world, qa)).toBe(first);
    expect(ledger(world, dev)).toBe(third);
    expect(moved).toEqual([]);
  });

  it('needs for a rollback of prod the approval that a promotion needs', async () => {
    const world = open();
    for (const version of [first, second]) await upToProd(delivery, world, version);

    const id = await world.promote(service, prod, { kind: 'rollback', version: first });

    expect(await world.promotion(id)).toMatchObject({ version: first, state: 'awaiting approval' });
    expect(ledger(world, prod)).toBe(second);
    await world.vote(id, li, 'approve');
    expect(ledger(world, prod)).toBe(first);
  });

  it('is deployed again by its version, after a later one', async () => {
    const world = open();
    for (const version of [first, second]) await upToQa(delivery, world, version);

    const id = await world.promote(service, qa, { version: first });

    expect(await world.promotion(id)).toMatchObject({
      kind: 'promotion',
      version: first,
      state: 'promoted',
      previous: { version: second },
      steps: { copy: { outcome: 'already-present', bytes: 0 } },
    });
    expect(ledger(world, qa)).toBe(first);
  });

  it('is superseded by a later one while it awaits its approval', async () => {
    const world = open();
    await upToQa(delivery, world, first);
    const old = await world.promote(service, prod);
    await upToQa(delivery, world, second);

    const later = await world.promote(service, prod);

    expect(await world.promotion(old)).toMatchObject({
      state: 'superseded',
      because: `${second} is newer and waits (${later}); the strategy is latest`,
    });
    await world.vote(later, li, 'approve');
    expect(await holds(world, prod, first)).toBeUndefined();
    expect(ledger(world, prod)).toBe(second);
  });

  it('never goes backwards by itself: an event that comes late lands nowhere', async () => {
    const world = open();
    const late = await delivery.build(world, first);
    await arrive(delivery, world, second);

    await late();
    await world.settle();

    expect(await newest(delivery, world)).toMatchObject({
      version: first,
      state: 'superseded',
      because: `${second} is newer and landed already`,
    });
    expect(ledger(world, dev)).toBe(second);
  });

  it('waits while another of its line is under way, and goes on after it', async () => {
    const world = open();
    for (const version of [first, second]) await upToQa(delivery, world, version);
    const running = await world.promote(service, prod, { version: second });

    const waiting = await world.promote(service, prod, { version: first });

    expect(await world.promotion(waiting)).toMatchObject({
      state: 'queued',
      because: `1 before it; ${running} is running`,
    });
    await world.vote(running, li, 'approve');
    expect((await world.promotion(running)).state).toBe('promoted');
    expect((await world.promotion(waiting)).state).toBe('awaiting approval');
    expect(ledger(world, prod)).toBe(second);
  });

  it('is refused where it was never in the stage before', async () => {
    const world = open();
    await arrive(delivery, world, first);

    const id = await world.promote(service, prod, { version: first });

    expect(await world.promotion(id)).toMatchObject({
      state: 'refused',
      because: `${first} was never promoted in qa`,
    });
    expect(ledger(world, prod)).toBe('0');
  });

  it('ends as failed, with nothing landed, where what CI made is gone', async () => {
    const world = open();
    await arrive(delivery, world, first);
    await delivery.lose(world, first);

    const id = await world.promote(service, qa);

    expect(await world.promotion(id)).toMatchObject({
      state: 'failed',
      cause: { code: 'ArtifactMissing', step: 'copy' },
    });
    expect([await holds(world, qa, first), ledger(world, qa)]).toEqual([undefined, '0']);
    expect((await world.line(service, qa)).holder).toBeUndefined();
  });

  it('waits where the requester asked for an approval that is optional', async () => {
    const world = open();
    await arrive(delivery, world, first);

    const id = await world.promote(service, qa, { approval: true });

    expect((await world.promotion(id)).state).toBe('awaiting approval');
    await world.vote(id, mei, 'approve');
    expect(await holds(world, qa, first)).toBe((await newest(delivery, world)).digest);
  });
});
