import { describe, expect, it } from 'vitest';
import { storeBucket } from '../../lambdas/domain/release-store.ts';
import type { Objects } from '../../lambdas/ports/objects.ts';
import { retainReleases } from '../../lambdas/sweep/retain-releases.ts';
import type { MemoryObjects } from '../fakes/memory-objects.ts';
import { prod, qa, relay } from '../promote/shop.ts';
import { World } from '../promote/world.ts';

const sha = (n: number) => String(n).padStart(2, '0').repeat(20);
const keyOf = (n: number) => `relay/${sha(n)}.tar.gz`;

/** Releases 1 to `n`, each a minute after the other, in dev; the store keeps two. */
async function worldOf(n: number, tarballs: 's3' | 'r2' = 's3'): Promise<World> {
  const world = new World({ services: ['payments', 'relay'], tarballs });
  world.config = { ...world.config, releaseStore: { ...world.config.releaseStore, keep: 2 } };
  for (let i = 1; i <= n; i++) await arrive(world, i);
  return world;
}

async function arrive(world: World, n: number): Promise<void> {
  world.clock.advance(60_000);
  await world.announceUpload(world.store(relay, sha(n)));
  await world.settle();
}

const storeOf = (world: World) => world.buckets[storeBucket(world.config)] as MemoryObjects;
const retain = (world: World) => retainReleases(world.ports, world.config);

describe('the release store', () => {
  it('lets go of what is older than the newest and neither runs nor is gone back to', async () => {
    const world = await worldOf(6);
    await world.promote(relay, qa, { version: sha(1) });

    const retained = await retain(world);

    // 6 and 5 are the newest, and run in dev or ran there before; 1 runs in qa.
    expect(storeOf(world).expendable).toEqual([2, 3, 4].map(keyOf));
    expect(retained).toEqual([
      {
        service: 'relay',
        there: 6,
        expendable: [2, 3, 4].map(sha),
        marked: expect.arrayContaining([2, 3, 4].map(sha)),
      },
    ]);
  });

  it('says nothing twice', async () => {
    const world = await worldOf(5);
    await retain(world);

    const [again] = await retain(world);

    expect(again?.marked).toEqual([]);
    expect(again?.expendable).toEqual([1, 2, 3].map(sha));
  });

  it('keeps what an environment can go back to', async () => {
    const world = await worldOf(6);
    await world.promote(relay, qa, { version: sha(1) });
    await world.promote(relay, qa, { version: sha(2) });

    await retain(world);

    expect(storeOf(world).expendable).toEqual([3, 4].map(keyOf));
  });

  it('keeps what waits for an approval', async () => {
    const world = await worldOf(3);
    for (const stage of [qa]) await world.promote(relay, stage, { version: sha(1) });
    await world.promote(relay, prod, { version: sha(1) });
    await world.promote(relay, qa, { version: sha(2) });
    await world.promote(relay, qa, { version: sha(3) });
    for (let i = 4; i <= 6; i++) await arrive(world, i);

    await retain(world);

    // 1 is asked for in prod; 2 and 3 are qa's; 5 and 6 the newest.
    expect(storeOf(world).expendable).toEqual([keyOf(4)]);
  });

  it('keeps again what somebody asks for after all', async () => {
    const world = await worldOf(6);
    await retain(world);
    expect(storeOf(world).expendable).toContain(keyOf(2));

    await world.promote(relay, qa, { version: sha(2) });

    expect(storeOf(world).expendable).not.toContain(keyOf(2));
    expect((await world.line(relay, qa)).landed?.version).toBe(sha(2));
  });

  it('keeps what is asked for between its two looks', async () => {
    const world = await worldOf(6);
    let asked = false;
    const askMeanwhile = async (store: Objects): Promise<Objects> =>
      Object.assign(Object.create(store), {
        list: (prefix: string) => store.list(prefix),
        mark: async (key: string, expendable: boolean) => {
          if (!asked) {
            asked = true;
            await world.ask(relay, prod, { version: sha(3) }).catch(() => {});
            await world.ask(relay, qa, { version: sha(3) });
          }
          return store.mark(key, expendable);
        },
      });
    const openStore = async (place: { bucket: string }) =>
      askMeanwhile(await world.ports.openStore(place));

    await retainReleases({ ...world.ports, openStore }, world.config);

    expect(asked).toBe(true);
    expect(storeOf(world).expendable).not.toContain(keyOf(3));
    expect(storeOf(world).expendable).toContain(keyOf(2));
  });

  it('goes on where the bucket’s rule has been at work', async () => {
    const world = await worldOf(6);
    await retain(world);
    storeOf(world).expire();

    const [retained] = await retain(world);

    expect(retained).toEqual({ service: 'relay', there: 2, expendable: [], marked: [] });
    expect((await storeOf(world).list('relay/')).map(({ key }) => key)).toEqual([5, 6].map(keyOf));
  });

  it('is left alone where it holds what is no release', async () => {
    const world = await worldOf(6);
    storeOf(world).put('relay/notes.txt', Buffer.from('by hand'));
    storeOf(world).put(keyOf(99), Buffer.from('not taken in'));

    await retain(world);

    expect(storeOf(world).expendable).toEqual([1, 2, 3, 4].map(keyOf));
  });
});

describe('a release store in R2', () => {
  it('is told nothing, as it knows no marks: what could go is said', async () => {
    const world = await worldOf(5, 'r2');

    const retained = await retain(world);

    expect(retained).toEqual([
      { service: 'relay', there: 5, expendable: [1, 2, 3].map(sha), marked: [] },
    ]);
    for (const bucket of Object.values(world.buckets)) expect(bucket.expendable).toEqual([]);
  });
});
