import { randomBytes } from 'node:crypto';
import {
  ListMultipartUploadsCommand,
  type MultipartUpload,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, beforeEach, expect } from 'vitest';
import { S3Objects } from '../../lambdas/adapters/s3-objects.ts';
import { type CopiedTarball, copyTarball } from '../../lambdas/copy/copy-tarball.ts';
import { verifyTarball } from '../../lambdas/copy/verify-tarball.ts';
import { digestOf } from '../../lambdas/domain/digest.ts';
import { FixedClock } from '../fakes/fixed-clock.ts';
import type { FaultProxy } from './fault-proxy.ts';
import { makeBucket, type RunningStore, startStore, storeClient } from './start-versitygw.ts';

export const MiB = 1024 ** 2;
/** Three parts. */
export const CONTENT = randomBytes(11 * MiB);
export const KEY = `relay/${'a'.repeat(40)}.tar.gz`;
export const DIGEST = digestOf(CONTENT);
export const FACTS = { commit: 'c'.repeat(40) };

/** `source` came in parts, `whole` did not; every test has a destination of its own. */
type Buckets = Record<'source' | 'whole' | 'destination', string>;

export interface TarballDesk {
  /** There once the hooks have run. */
  readonly store: RunningStore;
  /** Names of buckets, the same. */
  readonly buckets: Readonly<Buckets>;
  readonly at: (bucket: keyof Buckets, endpoint?: string, attempts?: number) => S3Objects;
  /** One try, as a function does it, over the line that `proxy` is. */
  readonly copy: (
    proxy: Partial<FaultProxy>,
    more?: { readonly server?: boolean; readonly attempts?: number },
  ) => Promise<CopiedTarball>;
  readonly expectWhole: () => Promise<void>;
  /** Uploads in parts to the destination that nobody has ended. */
  readonly unfinished: () => Promise<readonly MultipartUpload[]>;
}

export async function* chunks(bytes: Uint8Array) {
  for (let i = 0; i < bytes.length; i += 65_536) yield bytes.subarray(i, i + 65_536);
}

/** A store with a tarball to copy, for all tests of the file that calls this. */
export function openTarballDesk(): TarballDesk {
  let store: RunningStore;
  const buckets: Buckets = { source: '', whole: '', destination: '' };
  const at: TarballDesk['at'] = (bucket, endpoint, attempts = 1) =>
    new S3Objects(storeClient(store, endpoint, attempts), buckets[bucket]);

  beforeAll(async () => {
    store = await startStore();
    buckets.source = await makeBucket(store);
    buckets.whole = await makeBucket(store);
    const told = { bytes: CONTENT.length, digest: DIGEST, facts: FACTS };
    await at('source').create(KEY, chunks(CONTENT), told);
    // versitygw says of what came in parts the checksum of its parts, whatever is copied of it.
    const Metadata = { 'conveyor-digest': DIGEST, 'conveyor-commit': FACTS.commit };
    const place = { Bucket: buckets.whole, Key: KEY };
    await storeClient(store).send(new PutObjectCommand({ ...place, Body: CONTENT, Metadata }));
  });
  afterAll(async () => store?.stop());

  beforeEach(async () => {
    buckets.destination = await makeBucket(store);
  });

  return {
    get store() {
      return store;
    },
    buckets,
    at,
    copy: (proxy, more = {}) =>
      copyTarball({
        source: at(more.server ? 'whole' : 'source', proxy.endpoint, more.attempts),
        destination: at('destination', proxy.endpoint, more.attempts),
        ...(more.server && { sourceBucket: buckets.whole }),
        key: KEY,
        digest: DIGEST,
        clock: new FixedClock(),
      }),
    expectWhole: async () => {
      const objects = at('destination');
      expect(await objects.head(KEY)).toMatchObject({ digest: DIGEST, facts: FACTS });
      const clock = new FixedClock();
      expect(await verifyTarball({ objects, key: KEY, digest: DIGEST, clock })).toEqual({
        bytes: CONTENT.length,
      });
    },
    unfinished: async () => {
      const command = new ListMultipartUploadsCommand({ Bucket: buckets.destination, Prefix: KEY });
      return (await storeClient(store).send(command)).Uploads ?? [];
    },
  };
}
