import { describe, expect, it } from 'vitest';
import { type Changes, shop } from '../promote/shop.ts';
import type { Act } from './acts.ts';
import { Actors } from './world/actors.ts';
import { World } from './world/world.ts';

const DAY = 86_400_000;
const changes: Changes = { dev: { promotion: 'auto', strategy: 'every' }, qa: {} };
const push: Act = { do: 'push', service: 'payments', version: '41', event: 'once' };

/** A release promoted in dev, a hundred days ago: names of executions are free again, what had a time to live is gone. */
async function hundredDaysAfter() {
  const world = new World({ seed: 1, config: shop(changes), shuffled: false });
  const actors = new Actors(world, changes);
  await world.watchSources();
  world.loop.spawn(() => actors.act(push));
  await world.loop.run(world.loop.now() + 100 * DAY);
  world.table.expire(new Date(world.loop.now()));
  return { world, actors };
}

describe('an event that comes a hundred days late', () => {
  it('is the release that is known, and starts nothing', async () => {
    const { world, actors } = await hundredDaysAfter();
    const [told] = actors.pushed;

    world.loop.spawn(() => world.deliver('image-pushed', told));
    world.loop.spawn(() => world.deliver('image-pushed', told));
    await world.loop.run(world.loop.now() + DAY);

    expect(world.records().map(({ state }) => state)).toEqual(['promoted']);
    expect(world.promotes.all).toHaveLength(1);
  });

  it('is not raised by a sweep either', async () => {
    const { world } = await hundredDaysAfter();

    world.sweep();
    await world.loop.run(world.loop.now() + DAY);

    expect(world.promotes.all).toHaveLength(1);
    expect(world.ledger.log()).toHaveLength(2);
  });
});
