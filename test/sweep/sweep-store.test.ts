import { describe, expect, it } from 'vitest';
import { sweepStore } from '../../lambdas/sweep/sweep-store.ts';
import { dev, relay } from '../promote/shop.ts';
import { World } from '../promote/world.ts';

const [one, two] = ['1', '2'].map((digit) => digit.repeat(40)) as [string, string];

/** A store with two uploads that no event announced, while it was watched. */
async function twoMissed(): Promise<World> {
  const world = new World({ services: ['relay'] });
  await sweepStore(world.ports, world.config, dev);
  for (const sha of [one, two]) {
    await world.clock.sleep(1_000);
    world.store(relay, sha);
  }
  return world;
}

describe('the sweep of the release store', () => {
  it('raises what no event announced, in the order of the uploads', async () => {
    const world = await twoMissed();

    const swept = await sweepStore(world.ports, world.config, dev);

    expect(swept).toEqual({
      listed: 2,
      raised: [`relay/${one}.tar.gz`, `relay/${two}.tar.gz`],
    });
  });
});
