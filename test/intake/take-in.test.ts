import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Push } from '../../lambdas/intake/read-push.ts';
import { takeIn } from '../../lambdas/intake/take-in.ts';
import { accounts, dev, payments, prod, qa, shop } from '../promote/shop.ts';
import { World } from '../promote/world.ts';

const DIGEST = `sha256:${'d'.repeat(64)}` as Push['digest'];

const push = (change: Partial<Push>): Push => ({
  account: accounts.dev,
  region: 'us-east-1',
  repository: 'shop/payments',
  digest: DIGEST,
  tag: '41',
  at: '2026-03-01T12:00:00.000Z',
  announcedBy: 'event',
  ...change,
});

describe('a push', () => {
  it('is one release and one promotion, told fifty times, in any order, by anybody, at once', async () => {
    await fc.assert(
      fc.asyncProperty(fc.infiniteStream(fc.nat(7)), async (chances) => {
        const wait = async () => {
          for (let n = chances.next().value ?? 0; n > 0; n--) await Promise.resolve();
        };
        const world = new World({ tap: { before: wait } });
        const built = await world.build(payments, '41');
        const told = Array.from(
          { length: 50 },
          (_, i): Push => ({
            ...built,
            at: `2026-03-01T12:00:${String(i).padStart(2, '0')}.000Z`,
            announcedBy: i % 3 === 0 ? 'sweep' : 'event',
          }),
        );

        const answers = await Promise.all(
          told.map((one) => takeIn(world.ports, world.config, one)),
        );
        await world.settle();
        const late = await world.announce(built);

        expect(answers.filter(({ outcome }) => outcome === 'new')).toHaveLength(1);
        expect(answers.filter(({ outcome }) => outcome === 'known')).toHaveLength(49);
        expect(late).toMatchObject({ outcome: 'known' });
        expect(await world.history(payments, dev)).toMatchObject([{ state: 'promoted' }]);
        expect(world.executions.starts).toHaveLength(1);
        expect(world.committed(dev)).toHaveLength(1);
        expect(await world.ports.releases.list(payments, 10)).toHaveLength(1);
        expect(await world.ports.releases.refusals(10)).toEqual([]);
      }),
      { numRuns: 10 },
    );
  }, 60_000);

  it('mends what an earlier try left undone: an execution that was never started', async () => {
    let dying = true;
    const world = new World({
      tap: {
        before: (call) => {
          if (dying && call === 'executions.start') throw new Error('died');
        },
      },
    });
    const built = await world.build(payments, '41');
    await expect(world.announce(built)).rejects.toThrow('died');
    dying = false;

    await world.announce(built);
    await world.settle();

    expect(await world.history(payments, dev)).toMatchObject([{ state: 'promoted' }]);
  });

  it('is a release and no promotion where the first stage waits to be asked', async () => {
    const world = new World({ changes: { dev: { promotion: 'manual' } } });

    await world.push(payments, '41');

    expect(await world.history(payments, dev)).toEqual([]);
    expect(await world.ports.releases.find(payments, '41' as never)).toMatchObject({
      version: '41',
    });
  });

  it('that moves a known tag is refused, naming both digests, and moves nothing (T3)', async () => {
    const world = new World();
    const first = await world.build(payments, '41');
    await world.announce(first);
    await world.settle();

    const answer = await world.announce({ ...first, digest: DIGEST });

    const reason = `payments 41 is ${first.digest}; the tag was moved to ${DIGEST}`;
    expect(answer).toEqual({ outcome: 'refused', code: 'moved-tag', reason });
    expect(await world.ports.releases.refusals(10)).toMatchObject([
      { code: 'moved-tag', tag: '41', digest: DIGEST, reason },
    ]);
    expect((await world.line(payments, dev)).landed?.digest).toBe(first.digest);
  });

  it.each<[string, Partial<Push>, string]>([
    ['latest', { tag: 'latest' }, 'latest names other bytes every time'],
    ['tag-pattern', { tag: 'main' }, 'tag main does not match ^[0-9]+$'],
    ['tag-pattern', { tag: '4'.repeat(129) }, 'does not match'],
    ['repository', { repository: 'shop/nobody' }, 'no service has the image shop/nobody'],
    ['account', { account: '999999999999' }, 'account 999999999999 in us-east-1 is no environment'],
    ['account', { region: 'eu-west-1' }, 'account 222222222222 in eu-west-1 is no environment'],
    ['not-a-source', { account: accounts.prod }, 'come from dev, not from prod'],
  ])('is refused and remembered as %s: %o', async (code, change, words) => {
    const world = new World();

    for (let time = 0; time < 3; time++)
      expect(await world.announce(push(change))).toMatchObject({ outcome: 'refused', code });

    const [refusal, ...others] = await world.ports.releases.refusals(10);
    expect(others).toEqual([]);
    expect(refusal).toMatchObject({ code, reason: expect.stringContaining(words), digest: DIGEST });
    expect(world.executions.starts).toEqual([]);
  });

  it('without a tag is refused as untagged', async () => {
    const world = new World();
    const { tag: _, ...untagged } = push({});

    expect(await world.announce(untagged)).toMatchObject({ outcome: 'refused', code: 'untagged' });
  });

  it('of Conveyor’s own copy is nothing to speak of; other bytes under its tag are', async () => {
    const world = new World();
    const built = await world.build(payments, '41');
    await world.announce(built);
    await world.settle();
    await world.promote(payments, qa);

    const own = await world.announce({ ...built, account: accounts.qa });
    const foreign = await world.announce({ ...built, account: accounts.qa, digest: DIGEST });

    expect(own).toEqual({ outcome: 'own copy' });
    expect(foreign).toMatchObject({ outcome: 'refused', code: 'not-a-source' });
    expect(await world.history(payments, prod)).toEqual([]);
  });

  it('into an account that several environments share is taken for the one it can come from', async () => {
    const world = new World();
    const { dev: first, ...later } = shop().environments as Record<string, object>;
    const shared = { ...later, qa: { ...later.qa, account: accounts.dev } };
    world.config = { ...world.config, environments: { ...shared, dev: first } as never };

    await world.push(payments, '41');

    expect((await world.line(payments, dev)).landed?.version).toBe('41');
  });
});
