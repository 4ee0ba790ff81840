import { createHash } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { S3Objects } from '../../lambdas/adapters/s3-objects.ts';
import { copyTarball } from '../../lambdas/copy/copy-tarball.ts';
import { verifyTarball } from '../../lambdas/copy/verify-tarball.ts';
import { Digest } from '../../lambdas/domain/digest.ts';
import type { Objects } from '../../lambdas/ports/objects.ts';
import { FixedClock } from '../fakes/fixed-clock.ts';
import { makeBucket, type RunningStore, startStore, storeClient } from './start-versitygw.ts';

const MiB = 1024 ** 2;
const CHUNKS = 300;
const CHUNK = Buffer.alloc(MiB, 'as good as any other');
const KEY = `relay/${'a'.repeat(40)}.tar.gz`;

let store: RunningStore;

beforeAll(async () => {
  store = await startStore();
});
afterAll(async () => store?.stop());

/** The bucket, and what lay outside of the heap at most while it was read, in MiB, over what lay there before. */
function watched(objects: Objects) {
  const before = process.memoryUsage().arrayBuffers;
  const most = { mebibytes: 0 };
  const read: Objects['read'] = async (...args) => {
    const content = await objects.read(...args);
    return (async function* () {
      for await (const chunk of content) {
        const now = (process.memoryUsage().arrayBuffers - before) / MiB;
        most.mebibytes = Math.max(most.mebibytes, now);
        yield chunk;
      }
    })();
  };
  return { most, objects: Object.assign(Object.create(objects), { read }) as Objects };
}

it('copies and reads back what is far larger than what it has in memory', async () => {
  const client = storeClient(store);
  const source = new S3Objects(client, await makeBucket(store));
  const destination = new S3Objects(client, await makeBucket(store));
  const hash = createHash('sha256');
  for (let i = 0; i < CHUNKS; i++) hash.update(CHUNK);
  const digest = Digest.parse(`sha256:${hash.digest('hex')}`);
  const content = (async function* () {
    for (let i = 0; i < CHUNKS; i++) yield CHUNK;
  })();
  await source.create(KEY, content, { bytes: CHUNKS * MiB, digest, facts: {} });
  const clock = new FixedClock();

  const copying = watched(source);
  await copyTarball({ source: copying.objects, destination, key: KEY, digest, clock });
  const reading = watched(destination);
  await verifyTarball({ objects: reading.objects, key: KEY, digest, clock });

  // Three parts of 5 MiB and what a socket delivers between two collections; and that alone.
  expect(copying.most.mebibytes).toBeGreaterThan(5);
  expect(copying.most.mebibytes).toBeLessThan(30);
  expect(reading.most.mebibytes).toBeLessThan(16);
});
