import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { digestOf } from '../../lambdas/domain/digest.ts';
import { releaseBucket, storePlace } from '../../lambdas/domain/release-store.ts';
import type { MemoryObjects } from '../fakes/memory-objects.ts';
import { entry, tarball } from '../intake/tarballs.ts';
import { dev, qa, relay } from '../promote/shop.ts';
import { smallTarball } from '../promote/small-tarball.ts';
import { World } from '../promote/world.ts';

const SHA = 'a1'.repeat(20);
const KEY = `relay/${SHA}.tar.gz`;
const BYTES = smallTarball('what was built');

/** What a store may serve instead, and still call by the digest of what was built. */
const lies = fc.oneof(
  fc.nat(BYTES.length - 1).map((at): [string, Buffer] => {
    const bytes = Buffer.from(BYTES);
    bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at);
    return [`another byte ${at}`, bytes];
  }),
  fc
    .nat(BYTES.length - 1)
    .map((length): [string, Buffer] => [`its first ${length} bytes`, BYTES.subarray(0, length)]),
  fc
    .uint8Array({ minLength: 1, maxLength: 600 })
    .map((more): [string, Buffer] => ['something after it', Buffer.concat([BYTES, more])]),
  fc.constant<[string, Buffer]>(['another tarball', smallTarball('what somebody else built')]),
);

function open(tarballs: 's3' | 'r2' = 's3') {
  const world = new World({ services: [relay], tarballs });
  const bucketOf = (name: string): MemoryObjects => {
    const bucket = world.buckets[name];
    if (bucket === undefined) throw new Error(`no bucket ${name}`);
    return bucket;
  };
  const store = bucketOf(storePlace(world.config, relay, KEY).bucket);
  const inQa = bucketOf(releaseBucket(world.config, qa));
  return { world, store, inQa };
}

/** A release that is in dev, and somebody asked for it in qa. */
async function askedForQa(tarballs?: 's3' | 'r2') {
  const opened = open(tarballs);
  const { world } = opened;
  await world.announceUpload(world.store(relay, SHA, BYTES));
  await world.settle();
  return { ...opened, id: await world.ask(relay, qa) };
}

async function landedNowhere(world: World): Promise<void> {
  expect((await world.line(relay, qa)).landed).toBeUndefined();
  expect(world.committed(qa)).toEqual([]);
}

describe('a store that lies', () => {
  it('about what passes through Conveyor is found out while it does, and nothing arrives (T16)', async () => {
    await fc.assert(
      fc.asyncProperty(lies, async ([, bytes]) => {
        const { world, store, inQa, id } = await askedForQa('r2');
        store.put(KEY, bytes, digestOf(BYTES));

        await world.settle();

        expect(await world.promotion(id)).toMatchObject({
          state: 'failed',
          cause: { code: 'DigestMismatch', step: 'copy' },
        });
        expect(inQa.bytesOf(KEY)).toBeUndefined();
        await landedNowhere(world);
      }),
      { numRuns: 40 },
    );
  });

  it('about what it copies by itself is found out before anything lands (T16)', async () => {
    await fc.assert(
      fc.asyncProperty(lies, async ([, bytes]) => {
        const { world, store, id } = await askedForQa('s3');
        store.put(KEY, bytes, digestOf(BYTES));

        await world.settle();

        expect(await world.promotion(id)).toMatchObject({
          state: 'failed',
          cause: { code: 'DigestMismatch' },
        });
        await landedNowhere(world);
      }),
      { numRuns: 40 },
    );
  });

  it('about what has arrived is found out before anything lands (T16)', async () => {
    await fc.assert(
      fc.asyncProperty(lies, async ([, bytes]) => {
        const { world, inQa, id } = await askedForQa();
        const run = world.run(id);
        while (!/^Verify/.test(run.state)) await run.step();
        inQa.put(KEY, bytes, digestOf(BYTES));

        await world.settle();

        expect(await world.promotion(id)).toMatchObject({
          state: 'failed',
          cause: { code: 'DigestMismatch', step: 'verify' },
        });
        await landedNowhere(world);
      }),
      { numRuns: 40 },
    );
  });

  it('by a digest of its own, after the release was taken in, is a hard stop that names both (T16)', async () => {
    const { world, store, id } = await askedForQa();
    const other = smallTarball('what somebody else built');
    store.put(KEY, other, digestOf(other));

    await world.settle();

    const { state, cause } = await world.promotion(id);
    expect(state).toBe('failed');
    expect(cause?.message).toContain(digestOf(BYTES));
    expect(cause?.message).toContain(digestOf(other));
    await landedNowhere(world);
  });
});

describe('a tarball that would write where it must not', () => {
  it.each<[string, Buffer]>([
    ['above its root', tarball(entry({ name: '../../etc/cron.d/x', content: 'x' }))],
    ['at an absolute path', tarball(entry({ name: '/etc/cron.d/x', content: 'x' }))],
    [
      'through a link out of its root',
      tarball(
        entry({ name: 'out', type: '2', link: '../..' }),
        entry({ name: 'out/x', content: 'x' }),
      ),
    ],
    ['as another user', tarball(entry({ name: 'bin/x', mode: 0o4755, content: 'x' }))],
    ['without end', tarball(entry({ name: 'zeros', content: Buffer.alloc(64 * 1024 ** 2) }))],
  ])('%s is no release, whatever its digest says (T16)', async (_, bytes) => {
    const { world } = open();

    const told = await world.announceUpload(world.store(relay, SHA, bytes));
    await world.settle();

    expect(told).toMatchObject({ outcome: 'refused', code: 'artifact' });
    expect(await world.ports.releases.list(relay, 10)).toEqual([]);
    expect(await world.history(relay, dev)).toEqual([]);
  });
});
