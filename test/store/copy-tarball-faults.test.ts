import { randomBytes } from 'node:crypto';
import {
  ListMultipartUploadsCommand,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { S3Objects } from '../../lambdas/adapters/s3-objects.ts';
import { copyTarball } from '../../lambdas/copy/copy-tarball.ts';
import { verifyTarball } from '../../lambdas/copy/verify-tarball.ts';
import { digestOf } from '../../lambdas/domain/digest.ts';
import { DigestMismatch, StoreRefused, Unavailable } from '../../lambdas/domain/errors.ts';
import { FixedClock } from '../fakes/fixed-clock.ts';
import { type FaultProxy, faultProxy, type StoreFault } from './fault-proxy.ts';
import { makeBucket, type RunningStore, startStore, storeClient } from './start-versitygw.ts';

const MiB = 1024 ** 2;
/** Three parts. */
const CONTENT = randomBytes(11 * MiB);
const KEY = `relay/${'a'.repeat(40)}.tar.gz`;
const DIGEST = digestOf(CONTENT);
const FACTS = { commit: 'c'.repeat(40) };

const FAULTS: readonly (readonly [string, StoreFault])[] = [
  ['answered with 500', { answer: 500, code: 'InternalError' }],
  ['told to slow down', { answer: 503, code: 'SlowDown' }],
  ['cut while it is sent', { cutRequestAfter: 100 }],
  ['done, but its reply is lost', { cutReplyAfter: -1 }],
  ['answered with half a reply', { cutReplyAfter: 100 }],
];

let store: RunningStore;
/** `source` came in parts, `whole` did not; every test has a destination of its own. */
const buckets = { source: '', whole: '', destination: '' };

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

const at = (bucket: keyof typeof buckets, endpoint?: string, attempts = 1) =>
  new S3Objects(storeClient(store, endpoint, attempts), buckets[bucket]);

async function* chunks(bytes: Uint8Array) {
  for (let i = 0; i < bytes.length; i += 65_536) yield bytes.subarray(i, i + 65_536);
}

/** One try, as a function does it, over the line that `proxy` is. */
function copy(proxy: Partial<FaultProxy>, more: { server?: boolean; attempts?: number } = {}) {
  return copyTarball({
    source: at(more.server ? 'whole' : 'source', proxy.endpoint, more.attempts),
    destination: at('destination', proxy.endpoint, more.attempts),
    ...(more.server && { sourceBucket: buckets.whole }),
    key: KEY,
    digest: DIGEST,
    clock: new FixedClock(),
  });
}

async function expectWhole(): Promise<void> {
  const objects = at('destination');
  expect(await objects.head(KEY)).toMatchObject({ digest: DIGEST, facts: FACTS });
  const clock = new FixedClock();
  expect(await verifyTarball({ objects, key: KEY, digest: DIGEST, clock })).toEqual({
    bytes: CONTENT.length,
  });
}

const unfinished = async () => {
  const command = new ListMultipartUploadsCommand({ Bucket: buckets.destination, Prefix: KEY });
  return (await storeClient(store).send(command)).Uploads ?? [];
};

/** The requests of a copy with which nothing goes wrong. */
const STREAMED = [
  'HEAD',
  'HEAD',
  'GET uploads',
  'POST uploads',
  'PUT partNumber=10000 uploadId',
  'GET',
  'PUT partNumber=1 uploadId',
  'PUT partNumber=2 uploadId',
  'PUT partNumber=3 uploadId',
  'POST uploadId',
];
const FETCHED = ['HEAD', 'HEAD', 'POST uploads', 'PUT copy partNumber=1 uploadId', 'POST uploadId'];

/** The same way that a copy takes, its first request of a kind met by a fault. */
function once(what: string, fault: StoreFault, nth: number) {
  let left = nth;
  return (seen: string) => (seen === what && left-- === 0 ? fault : undefined);
}

/** A request without a body is not cut while it is sent. */
const faultsOf = (what: string) =>
  FAULTS.filter(
    ([, fault]) => !('cutRequestAfter' in fault) || /^(PUT part|POST uploadId)/.test(what),
  );

/** Each request with how many of its kind go before it. */
const counted = (requests: readonly string[]) =>
  requests.map(
    (what, i) => [what, requests.slice(0, i).filter((one) => one === what).length] as const,
  );

describe('a tarball that passes through', () => {
  it('takes these requests', async () => {
    const proxy = await faultProxy(store.endpoint);

    expect(await copy(proxy)).toEqual({ outcome: 'copied', bytes: CONTENT.length });

    expect([...proxy.seen].sort()).toEqual([...STREAMED].sort());
    await expectWhole();
  });

  describe.each(counted(STREAMED))('if %s (after %i of them)', (what, nth) => {
    it.each(faultsOf(what))('is %s, arrives whole by the next try', async (_, fault) => {
      const proxy = await faultProxy(store.endpoint, once(what, fault, nth));

      const first = await copy(proxy).catch((error: unknown) => error);
      if (first instanceof Error) expect(first).toBeInstanceOf(Unavailable);
      const second = await copy({});

      expect(['copied', 'already-present']).toContain(second.outcome);
      await expectWhole();
    });
  });

  it.each(FAULTS)(
    'arrives by the first try if one part is %s: the SDK tries again',
    async (_, fault) => {
      const proxy = await faultProxy(store.endpoint, once('PUT partNumber=2 uploadId', fault, 0));

      expect((await copy(proxy, { attempts: 3 })).outcome).toBe('copied');

      await expectWhole();
    },
  );

  it('is there by its own hand, when the reply to the last request was lost', async () => {
    const proxy = await faultProxy(store.endpoint, once('POST uploadId', { cutReplyAfter: -1 }, 0));

    const { outcome } = await copy(proxy, { attempts: 3 });

    expect(['copied', 'already-present']).toContain(outcome);
    await expectWhole();
  });

  it('sends no part again that has arrived', async () => {
    const cut = once('PUT partNumber=3 uploadId', { cutRequestAfter: 1_000 }, 0);
    await expect(copy(await faultProxy(store.endpoint, cut))).rejects.toThrow(Unavailable);
    const proxy = await faultProxy(store.endpoint);

    expect((await copy(proxy)).outcome).toBe('copied');

    expect(proxy.seen.filter((what) => what.startsWith('PUT'))).toEqual([
      'PUT partNumber=3 uploadId',
    ]);
    expect(await unfinished()).toEqual([]);
    await expectWhole();
  });

  it('sends a part again that has arrived as other bytes', async () => {
    const cut = once('PUT partNumber=3 uploadId', { cutRequestAfter: 1_000 }, 0);
    await copy(await faultProxy(store.endpoint, cut)).catch(() => {});
    const [upload] = await unfinished();
    await storeClient(store).send(
      new UploadPartCommand({
        Bucket: buckets.destination,
        Key: KEY,
        UploadId: upload?.UploadId,
        PartNumber: 2,
        Body: randomBytes(5 * MiB),
        ChecksumAlgorithm: 'SHA256',
      }),
    );
    const proxy = await faultProxy(store.endpoint);

    expect((await copy(proxy)).outcome).toBe('copied');

    expect(proxy.seen).toContain('PUT partNumber=2 uploadId');
    expect(proxy.seen).not.toContain('PUT partNumber=1 uploadId');
    await expectWhole();
  });

  it('goes on in the next call, when there is no time left in this one', async () => {
    const proxy = await faultProxy(store.endpoint);
    const outcomes: string[] = [];
    // Each call has time for somewhat more of the source than the one before it.
    for (let visit = 1; visit <= 12 && outcomes.at(-1) !== 'copied'; visit++) {
      let chunksLeft = visit * 60;
      const { outcome } = await copyTarball({
        source: at('source', proxy.endpoint),
        destination: at('destination', proxy.endpoint),
        key: KEY,
        digest: DIGEST,
        clock: new FixedClock(),
        remainingMilliseconds: () => (chunksLeft-- > 0 ? 100_000 : 59_999),
      });
      outcomes.push(outcome);
      if (outcome === 'continue') expect(await at('destination').head(KEY)).toBeUndefined();
    }

    expect(outcomes.at(-1)).toBe('copied');
    expect(outcomes.filter((one) => one === 'continue').length).toBeGreaterThan(1);
    const parts = proxy.seen.filter((what) => /^PUT partNumber=\d uploadId/.test(what));
    expect([...parts].sort()).toEqual([1, 2, 3].map((n) => `PUT partNumber=${n} uploadId`));
    await expectWhole();
  });

  it('goes on with no other’s upload of the same key', async () => {
    const other = randomBytes(11 * MiB);
    const told = { bytes: other.length, digest: digestOf(other), facts: FACTS };
    const broken = async function* () {
      yield* chunks(other.subarray(0, 10 * MiB + 1));
      throw new Error('the power went out');
    };
    await at('destination')
      .create(KEY, broken(), told)
      .catch(() => {});

    expect((await copy({})).outcome).toBe('copied');

    await expectWhole();
    expect(await unfinished()).toHaveLength(1);
  });

  it('leaves nothing behind where the source delivers other bytes', async () => {
    const spoiled = new S3Objects(storeClient(store), buckets.source);
    const read = async () => chunks(Buffer.from(CONTENT).fill(0, 10 * MiB));
    const source = Object.assign(spoiled, { read });
    const destination = at('destination');

    const copying = copyTarball({
      source,
      destination,
      key: KEY,
      digest: DIGEST,
      clock: new FixedClock(),
    });

    await expect(copying).rejects.toThrow(DigestMismatch);
    expect(await destination.head(KEY)).toBeUndefined();
    expect(await unfinished()).toEqual([]);
  });

  it('arrives over a line that is cut again and again', async () => {
    const proxy = await faultProxy(store.endpoint, (what) =>
      what === 'GET' ? { cutReplyAfter: 2 * MiB } : undefined,
    );

    expect((await copy(proxy)).outcome).toBe('copied');

    expect(proxy.seen.filter((what) => what === 'GET').length).toBeGreaterThan(3);
    await expectWhole();
  });
});

describe('a tarball that the server fetches', () => {
  it('takes these requests, and none has its bytes', async () => {
    const proxy = await faultProxy(store.endpoint);

    const copied = await copy(proxy, { server: true });

    expect(copied).toEqual({ outcome: 'copied', bytes: CONTENT.length });
    expect(proxy.seen).toEqual(FETCHED);
    await expectWhole();
  });

  describe.each(counted(FETCHED))('if %s (after %i of them)', (what, nth) => {
    it.each(faultsOf(what))('is %s, arrives whole by the next try', async (_, fault) => {
      const proxy = await faultProxy(store.endpoint, once(what, fault, nth));

      const first = await copy(proxy, { server: true }).catch((error: unknown) => error);
      if (first instanceof Error) expect(first).toBeInstanceOf(Unavailable);
      const second = await copy({}, { server: true });

      expect(['copied', 'already-present']).toContain(second.outcome);
      await expectWhole();
    });
  });

  it('passes through instead where that server does not know the other bucket', async () => {
    const proxy = await faultProxy(store.endpoint, (what) =>
      what.startsWith('PUT copy') ? { answer: 404, code: 'NoSuchBucket' } : undefined,
    );

    expect((await copy(proxy, { server: true })).outcome).toBe('copied');

    expect(proxy.seen).toContain('PUT partNumber=3 uploadId');
    expect(await unfinished()).toEqual([]);
    await expectWhole();
  });

  it('does not pass through where it is forbidden to fetch: somebody must set the rights right', async () => {
    const proxy = await faultProxy(store.endpoint, (what) =>
      what.startsWith('PUT copy') ? { answer: 403, code: 'AccessDenied' } : undefined,
    );

    await expect(copy(proxy, { server: true })).rejects.toThrow(StoreRefused);

    expect(proxy.seen).not.toContain('PUT partNumber=1 uploadId');
    expect(await unfinished()).toEqual([]);
  });
});

describe('a tarball whose own bucket has found its digest', () => {
  const SMALL = CONTENT.subarray(0, 1_000_000);
  const digest = digestOf(SMALL);
  const key = `relay/${'b'.repeat(40)}.tar.gz`;
  const COPIED = ['HEAD', 'HEAD', 'PUT copy'];

  beforeAll(async () => {
    const told = { bytes: SMALL.length, digest, facts: FACTS };
    await at('source').create(key, chunks(SMALL), told);
  });

  const copySmall = (proxy: Partial<FaultProxy> = {}) =>
    copyTarball({
      source: at('source', proxy.endpoint),
      destination: at('destination', proxy.endpoint),
      sourceBucket: buckets.source,
      key,
      digest,
      clock: new FixedClock(),
    });
  const expectThere = async () => {
    const objects = at('destination');
    expect(await objects.head(key)).toMatchObject({ digest, checksum: digest, facts: FACTS });
    await verifyTarball({ objects, key, digest, clock: new FixedClock() });
  };

  it('takes these requests', async () => {
    const proxy = await faultProxy(store.endpoint);

    expect(await copySmall(proxy)).toEqual({ outcome: 'copied', bytes: SMALL.length });

    expect(proxy.seen).toEqual(COPIED);
    await expectThere();
  });

  describe.each(counted(COPIED))('if %s (after %i of them)', (what, nth) => {
    it.each(faultsOf(what))('is %s, arrives whole by the next try', async (_, fault) => {
      const proxy = await faultProxy(store.endpoint, once(what, fault, nth));

      const first = await copySmall(proxy).catch((error: unknown) => error);
      if (first instanceof Error) expect(first).toBeInstanceOf(Unavailable);
      const second = await copySmall();

      expect(['copied', 'already-present']).toContain(second.outcome);
      await expectThere();
    });
  });

  it('is there by its own hand, when the reply was lost and S3 says that something is there', async () => {
    const lost = await faultProxy(store.endpoint, once('PUT copy', { cutReplyAfter: -1 }, 0));
    await copySmall(lost).catch(() => {});
    // versitygw would copy again; this is what S3 answers (CopyObject, "If-None-Match").
    const taken = await faultProxy(store.endpoint, (what) =>
      what === 'PUT copy' ? { answer: 412, code: 'PreconditionFailed' } : undefined,
    );
    const source = { ...(await at('source').head(key)), bucket: buckets.source } as never;
    const told = { bytes: SMALL.length, digest, facts: FACTS };

    const outcome = await at('destination', taken.endpoint).copyFrom(source, key, told);

    expect(outcome).toBe('exists');
    expect(await copySmall()).toEqual({ outcome: 'already-present', bytes: 0 });
  });
});

describe('a store', () => {
  it('whose clock, or ours, is off by an hour is told from one that forbids', async () => {
    const { endpoint, accessKeyId, secretAccessKey } = store;
    const client = new S3Client({
      endpoint,
      region: 'us-east-1',
      forcePathStyle: true,
      maxAttempts: 1,
      systemClockOffset: 3_600_000,
      credentials: { accessKeyId, secretAccessKey },
    });

    const listing = new S3Objects(client, buckets.source).list('relay/');

    await expect(listing).rejects.toThrow(/another time/);
    await expect(listing).rejects.toBeInstanceOf(StoreRefused);
  });
});
