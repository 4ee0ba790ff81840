import { describe, expect, it } from 'vitest';
import { copyTarballPromotion } from '../../lambdas/copy/copy-tarball-promotion.ts';
import { Conflict, StoreRefused } from '../../lambdas/domain/errors.ts';
import { FINAL_STATES, type PromotionState } from '../../lambdas/domain/promotion.ts';
import { dev, relay } from '../promote/shop.ts';
import { smallTarball } from '../promote/small-tarball.ts';
import { World } from '../promote/world.ts';

const SHA = 'a'.repeat(40);
const KEY = `relay/${SHA}.tar.gz`;
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** A promotion of a tarball that has come to its copy, from R2: the bytes pass through the function. */
async function copying() {
  const world = new World({ services: ['relay'], tarballs: 'r2' });
  const { clock, ports, config } = world;
  // No execution: the test is the one that calls the step.
  ports.executions.start = async () => 'later';
  await world.announceUpload(world.store(relay, SHA));
  const [opened] = await world.history(relay, dev);
  if (opened === undefined) throw new Error('intake has opened no promotion');
  const { id, source } = opened;
  const ref = { promotion: id, service: relay, environment: dev };
  const turnTo = (state: PromotionState) =>
    ports.promotions.note(ref, { state }, clock.now().toISOString());
  // Its turn, and its approval, may be long in coming.
  clock.advance(DAY);
  await turnTo('copying');
  return {
    ...{ clock, source, ref, turnTo },
    since: clock.now().toISOString(),
    /** A visit that has so long, and reads the whole if it has a quarter of an hour. */
    visit: (milliseconds: number) => copyTarballPromotion(ports, config, ref, () => milliseconds),
    record: () => world.promotion(id),
    arrived: () =>
      Object.entries(world.buckets)
        .find(([name]) => name.startsWith('conveyor-dev-'))?.[1]
        .bytesOf(KEY),
  };
}

const NO_TIME = 0;
const TIME = 15 * MINUTE;

describe('a tarball whose copy sees no end of it', () => {
  it('is gone on with, visit by visit, for as long as three hours are not over', async () => {
    const { clock, visit, record, arrived, since } = await copying();

    for (const wait of [0, HOUR, HOUR, HOUR - 1]) {
      clock.advance(wait);
      expect(await visit(NO_TIME)).toEqual({ outcome: 'continue' });
    }

    expect(arrived()).toBeUndefined();
    // The three hours are those of all visits: none of them starts the count anew.
    expect(await record()).toMatchObject({ state: 'copying', stateSince: since, steps: {} });
  });

  it.each([
    ['are over', 3 * HOUR],
    ['are long over', 2 * DAY],
  ])(
    'is given up once three hours %s, and that says which source is so slow',
    async (_, waited) => {
      const { clock, visit, arrived, source, since } = await copying();
      expect(await visit(NO_TIME)).toEqual({ outcome: 'continue' });
      clock.advance(waited);

      const error = await visit(NO_TIME).catch((e: unknown) => e);

      expect(error).toBeInstanceOf(StoreRefused);
      expect(error).toMatchObject({
        message: `r2://shop-releases/${KEY} could not be read within three hours`,
        data: { source, since },
        fix: expect.stringMatching(/^Find out what slows its store down, then ask .* again/),
      });
      expect(arrived()).toBeUndefined();
    },
  );

  it('arrives also after three hours, in a visit that sees the end', async () => {
    const { clock, visit, record, arrived } = await copying();
    await visit(NO_TIME);
    clock.advance(3 * HOUR + 1);

    expect(await visit(TIME)).toEqual({ outcome: 'copied' });

    expect(arrived()).toEqual(smallTarball(SHA));
    expect((await record()).steps.copy).toMatchObject({
      outcome: 'copied',
      bytes: smallTarball(SHA).length,
    });
  });
});

describe('the promotion of a tarball that has ended', () => {
  it.each(FINAL_STATES)('as %s is not copied for any more', async (state) => {
    const { ref, visit, turnTo, record, arrived } = await copying();
    await turnTo(state);

    const error = await visit(TIME).catch((e: unknown) => e);

    expect(error).toBeInstanceOf(Conflict);
    expect(error).toMatchObject({ message: `${ref.promotion} has ended already: ${state}` });
    expect(arrived()).toBeUndefined();
    expect(await record()).toMatchObject({ state, steps: {} });
  });
});
