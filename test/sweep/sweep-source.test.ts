import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planSweep } from '../../lambdas/sweep/plan-sweep.ts';
import { sweepSource } from '../../lambdas/sweep/sweep-source.ts';
import { accounts, dev, orders, payments, qa, repository } from '../promote/shop.ts';
import { World } from '../promote/world.ts';

const DIGEST = `sha256:${'e'.repeat(64)}` as never;

/** A world whose sources have been swept before. */
async function watched(): Promise<World> {
  const world = new World();
  await sweepSource(world.ports, world.config, dev);
  return world;
}

describe('a sweep of a source', () => {
  it('raises exactly what no event announced, in build order, and once', async () => {
    await fc.assert(
      fc.asyncProperty(fc.subarray(['8', '9', '10', '11', '12']), async (announced) => {
        const world = await watched();
        for (const version of ['12', '9', '10', '8', '11']) {
          const push = await world.build(payments, version);
          if (announced.includes(version)) await world.announce(push);
        }
        const missed = ['8', '9', '10', '11', '12'].filter((v) => !announced.includes(v));

        const swept = await sweepSource(world.ports, world.config, dev);
        const again = await sweepSource(world.ports, world.config, dev);
        await world.settle();

        expect(swept).toEqual({
          listed: 5,
          raised: missed.map((version) => `payments ${version}`),
        });
        expect(again).toEqual({ listed: 5, raised: [] });
        const landed = world.committed(dev).map((subject) => subject.split(' ').at(-1));
        expect(landed).toEqual(['8', '9', '10', '11', '12']);
      }),
      { numRuns: 20 },
    );
  }, 60_000);

  it('lets a repository be as it was before it was watched', async () => {
    const world = new World();
    await world.build(payments, '41');
    world.clock.advance(60_000);

    const first = await sweepSource(world.ports, world.config, dev);
    await world.build(payments, '42');
    const second = await sweepSource(world.ports, world.config, dev);

    expect([first.raised, second.raised]).toEqual([[], ['payments 42']]);
  });

  it('watches from the first release on that an event told of', async () => {
    const world = new World();
    await world.push(payments, '41');
    await world.build(payments, '42');

    const { raised } = await sweepSource(world.ports, world.config, dev);

    expect(raised).toEqual(['payments 42']);
  });

  it('marks what it raised as its own find', async () => {
    const world = await watched();
    await world.build(payments, '41');

    await sweepSource(world.ports, world.config, dev);

    expect(await world.ports.releases.find(payments, '41' as never)).toMatchObject({
      announcedBy: 'sweep',
      pushedAt: '2026-03-01T12:00:00.250Z',
    });
    expect(await world.history(payments, dev)).toMatchObject([
      { requestedBy: { automatic: 'sweep' } },
    ]);
  });

  it('leaves alone what is no release, and other people’s repositories', async () => {
    const world = new World();
    const at = world.clock.now().toISOString();
    for (const tag of ['latest', 'main', 'sha256-abc.sig'])
      world.sources.put(
        { account: accounts.dev as never, repository: repository('payments') },
        { tag, digest: DIGEST, pushedAt: at },
      );
    world.sources.put(
      { account: accounts.qa as never, repository: repository('orders') },
      { tag: '7', digest: DIGEST, pushedAt: at },
    );

    expect(await sweepSource(world.ports, world.config, dev)).toEqual({ listed: 3, raised: [] });
    expect(await sweepSource(world.ports, world.config, qa)).toEqual({ listed: 0, raised: [] });
    expect(await world.ports.releases.refusals(10)).toEqual([]);
  });

  it('refuses a tag that was moved in silence, and remembers it once', async () => {
    const world = new World();
    await world.push(payments, '41');
    world.sources.put(
      { account: accounts.dev as never, repository: repository('payments') },
      { tag: '41', digest: DIGEST, pushedAt: world.clock.now().toISOString() },
    );

    await sweepSource(world.ports, world.config, dev);
    const { raised } = await sweepSource(world.ports, world.config, dev);

    expect(raised).toEqual([]);
    expect(await world.ports.releases.refusals(10)).toMatchObject([
      { code: 'moved-tag', tag: '41', digest: DIGEST },
    ]);
  });

  it('of an environment that is gone lists nothing', async () => {
    const world = new World();

    expect(await sweepSource(world.ports, world.config, 'gone' as never)).toEqual({
      listed: 0,
      raised: [],
    });
  });
});

describe('the plan of a sweep', () => {
  it('has every first stage once, and every line', () => {
    const { config } = new World();

    const { sources, lines } = planSweep(config);

    expect(sources).toEqual([{ environment: dev }]);
    expect(lines).toHaveLength(6);
    expect(lines).toContainEqual({ service: orders, environment: qa });
  });
});
