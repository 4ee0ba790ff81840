import { randomBytes } from 'node:crypto';
import { UploadPartCommand } from '@aws-sdk/client-s3';
import { describe, expect, it } from 'vitest';
import { S3Objects } from '../../lambdas/adapters/s3-objects.ts';
import { copyTarball } from '../../lambdas/copy/copy-tarball.ts';
import { digestOf } from '../../lambdas/domain/digest.ts';
import { DigestMismatch, Unavailable } from '../../lambdas/domain/errors.ts';
import { FixedClock } from '../fakes/fixed-clock.ts';
import { counted, FAULTS, faultsOf, once } from './copy-faults.ts';
import { faultProxy } from './fault-proxy.ts';
import { storeClient } from './start-versitygw.ts';
import { CONTENT, chunks, DIGEST, FACTS, KEY, MiB, openTarballDesk } from './tarball-desk.ts';

const desk = openTarballDesk();
const { buckets, at, copy, expectWhole, unfinished } = desk;

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

describe('a tarball that passes through', () => {
  it('takes these requests', async () => {
    const proxy = await faultProxy(desk.store.endpoint);

    expect(await copy(proxy)).toEqual({ outcome: 'copied', bytes: CONTENT.length });

    expect([...proxy.seen].sort()).toEqual([...STREAMED].sort());
    await expectWhole();
  });

  describe.each(counted(STREAMED))('if %s (after %i of them)', (what, nth) => {
    it.each(faultsOf(what))('is %s, arrives whole by the next try', async (_, fault) => {
      const proxy = await faultProxy(desk.store.endpoint, once(what, fault, nth));

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
      const proxy = await faultProxy(
        desk.store.endpoint,
        once('PUT partNumber=2 uploadId', fault, 0),
      );

      expect((await copy(proxy, { attempts: 3 })).outcome).toBe('copied');

      await expectWhole();
    },
  );

  it('is there by its own hand, when the reply to the last request was lost', async () => {
    const proxy = await faultProxy(
      desk.store.endpoint,
      once('POST uploadId', { cutReplyAfter: -1 }, 0),
    );

    const { outcome } = await copy(proxy, { attempts: 3 });

    expect(['copied', 'already-present']).toContain(outcome);
    await expectWhole();
  });

  it('sends no part again that has arrived', async () => {
    const cut = once('PUT partNumber=3 uploadId', { cutRequestAfter: 1_000 }, 0);
    await expect(copy(await faultProxy(desk.store.endpoint, cut))).rejects.toThrow(Unavailable);
    const proxy = await faultProxy(desk.store.endpoint);

    expect((await copy(proxy)).outcome).toBe('copied');

    expect(proxy.seen.filter((what) => what.startsWith('PUT'))).toEqual([
      'PUT partNumber=3 uploadId',
    ]);
    expect(await unfinished()).toEqual([]);
    await expectWhole();
  });

  it('sends a part again that has arrived as other bytes', async () => {
    const cut = once('PUT partNumber=3 uploadId', { cutRequestAfter: 1_000 }, 0);
    await copy(await faultProxy(desk.store.endpoint, cut)).catch(() => {});
    const [upload] = await unfinished();
    await storeClient(desk.store).send(
      new UploadPartCommand({
        Bucket: buckets.destination,
        Key: KEY,
        UploadId: upload?.UploadId,
        PartNumber: 2,
        Body: randomBytes(5 * MiB),
        ChecksumAlgorithm: 'SHA256',
      }),
    );
    const proxy = await faultProxy(desk.store.endpoint);

    expect((await copy(proxy)).outcome).toBe('copied');

    expect(proxy.seen).toContain('PUT partNumber=2 uploadId');
    expect(proxy.seen).not.toContain('PUT partNumber=1 uploadId');
    await expectWhole();
  });

  it('goes on in the next call, when there is no time left in this one', async () => {
    const proxy = await faultProxy(desk.store.endpoint);
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
    const spoiled = new S3Objects(storeClient(desk.store), buckets.source);
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
    const proxy = await faultProxy(desk.store.endpoint, (what) =>
      what === 'GET' ? { cutReplyAfter: 2 * MiB } : undefined,
    );

    expect((await copy(proxy)).outcome).toBe('copied');

    expect(proxy.seen.filter((what) => what === 'GET').length).toBeGreaterThan(3);
    await expectWhole();
  });
});
