import { beforeAll, describe, expect, it } from 'vitest';
import { copyTarball } from '../../lambdas/copy/copy-tarball.ts';
import { verifyTarball } from '../../lambdas/copy/verify-tarball.ts';
import { digestOf } from '../../lambdas/domain/digest.ts';
import { Unavailable } from '../../lambdas/domain/errors.ts';
import { FixedClock } from '../fakes/fixed-clock.ts';
import { counted, faultsOf, once } from './copy-faults.ts';
import { type FaultProxy, faultProxy } from './fault-proxy.ts';
import { CONTENT, chunks, FACTS, openTarballDesk } from './tarball-desk.ts';

const desk = openTarballDesk();
const { buckets, at } = desk;

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
    const proxy = await faultProxy(desk.store.endpoint);

    expect(await copySmall(proxy)).toEqual({ outcome: 'copied', bytes: SMALL.length });

    expect(proxy.seen).toEqual(COPIED);
    await expectThere();
  });

  describe.each(counted(COPIED))('if %s (after %i of them)', (what, nth) => {
    it.each(faultsOf(what))('is %s, arrives whole by the next try', async (_, fault) => {
      const proxy = await faultProxy(desk.store.endpoint, once(what, fault, nth));

      const first = await copySmall(proxy).catch((error: unknown) => error);
      if (first instanceof Error) expect(first).toBeInstanceOf(Unavailable);
      const second = await copySmall();

      expect(['copied', 'already-present']).toContain(second.outcome);
      await expectThere();
    });
  });

  it('is there by its own hand, when the reply was lost and S3 says that something is there', async () => {
    const lost = await faultProxy(desk.store.endpoint, once('PUT copy', { cutReplyAfter: -1 }, 0));
    await copySmall(lost).catch(() => {});
    // versitygw would copy again; this is what S3 answers (CopyObject, "If-None-Match").
    const taken = await faultProxy(desk.store.endpoint, (what) =>
      what === 'PUT copy' ? { answer: 412, code: 'PreconditionFailed' } : undefined,
    );
    const source = { ...(await at('source').head(key)), bucket: buckets.source } as never;
    const told = { bytes: SMALL.length, digest, facts: FACTS };

    const outcome = await at('destination', taken.endpoint).copyFrom(source, key, told);

    expect(outcome).toBe('exists');
    expect(await copySmall()).toEqual({ outcome: 'already-present', bytes: 0 });
  });
});
