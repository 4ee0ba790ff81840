import { describe, expect, it } from 'vitest';
import { StoreRefused, Unavailable } from '../../lambdas/domain/errors.ts';
import { counted, faultsOf, once } from './copy-faults.ts';
import { faultProxy } from './fault-proxy.ts';
import { CONTENT, openTarballDesk } from './tarball-desk.ts';

const desk = openTarballDesk();
const { copy, expectWhole, unfinished } = desk;

/** The requests of a copy with which nothing goes wrong. */
const FETCHED = ['HEAD', 'HEAD', 'POST uploads', 'PUT copy partNumber=1 uploadId', 'POST uploadId'];

describe('a tarball that the server fetches', () => {
  it('takes these requests, and none has its bytes', async () => {
    const proxy = await faultProxy(desk.store.endpoint);

    const copied = await copy(proxy, { server: true });

    expect(copied).toEqual({ outcome: 'copied', bytes: CONTENT.length });
    expect(proxy.seen).toEqual(FETCHED);
    await expectWhole();
  });

  describe.each(counted(FETCHED))('if %s (after %i of them)', (what, nth) => {
    it.each(faultsOf(what))('is %s, arrives whole by the next try', async (_, fault) => {
      const proxy = await faultProxy(desk.store.endpoint, once(what, fault, nth));

      const first = await copy(proxy, { server: true }).catch((error: unknown) => error);
      if (first instanceof Error) expect(first).toBeInstanceOf(Unavailable);
      const second = await copy({}, { server: true });

      expect(['copied', 'already-present']).toContain(second.outcome);
      await expectWhole();
    });
  });

  it('passes through instead where that server does not know the other bucket', async () => {
    const proxy = await faultProxy(desk.store.endpoint, (what) =>
      what.startsWith('PUT copy') ? { answer: 404, code: 'NoSuchBucket' } : undefined,
    );

    expect((await copy(proxy, { server: true })).outcome).toBe('copied');

    expect(proxy.seen).toContain('PUT partNumber=3 uploadId');
    expect(await unfinished()).toEqual([]);
    await expectWhole();
  });

  it('does not pass through where it is forbidden to fetch: somebody must set the rights right', async () => {
    const proxy = await faultProxy(desk.store.endpoint, (what) =>
      what.startsWith('PUT copy') ? { answer: 403, code: 'AccessDenied' } : undefined,
    );

    await expect(copy(proxy, { server: true })).rejects.toThrow(StoreRefused);

    expect(proxy.seen).not.toContain('PUT partNumber=1 uploadId');
    expect(await unfinished()).toEqual([]);
  });
});
