import { describe, expect, it } from 'vitest';
import { copyTarball } from '../../lambdas/copy/copy-tarball.ts';
import { digestOf } from '../../lambdas/domain/digest.ts';
import { DigestMismatch } from '../../lambdas/domain/errors.ts';
import type { Objects } from '../../lambdas/ports/objects.ts';
import { FixedClock } from '../fakes/fixed-clock.ts';
import { MemoryObjects } from '../fakes/memory-objects.ts';
import { CONTENT, DIGEST, FACTS, KEY, twoBuckets } from './two-buckets.ts';

describe('a tarball that the destination may fetch by itself', () => {
  /** Both in one server; the source can be read by nobody else. */
  function oneServer() {
    const server: Record<string, MemoryObjects> = {};
    const [source, destination] = [new MemoryObjects(), new MemoryObjects(undefined, server)];
    server.store = source;
    source.put(KEY, CONTENT, DIGEST, FACTS);
    const read = async () => {
      throw new Error('bytes passed through');
    };
    const unread = new Proxy(source, {
      get: (target, name) => (name === 'read' ? read : Reflect.get(target, name).bind(target)),
    });
    return {
      source: unread as Objects,
      store: source,
      destination,
      sourceBucket: 'store',
      key: KEY,
      digest: DIGEST,
      clock: new FixedClock(),
    };
  }

  it('arrives without passing through', async () => {
    const buckets = oneServer();

    expect(await copyTarball(buckets)).toEqual({ outcome: 'copied', bytes: CONTENT.length });

    expect(await buckets.destination.head(KEY)).toMatchObject({ digest: DIGEST, facts: FACTS });
    expect(digestOf(buckets.destination.bytesOf(KEY) ?? '')).toBe(DIGEST);
    expect(await copyTarball(buckets)).toEqual({ outcome: 'already-present', bytes: 0 });
  });

  it('passes through where that bucket is out of its reach', async () => {
    const buckets = { ...twoBuckets(), sourceBucket: 'in another server' };

    expect(await copyTarball(buckets)).toEqual({ outcome: 'copied', bytes: CONTENT.length });
  });

  it('is nowhere if its source has other bytes under the right digest', async () => {
    const buckets = oneServer();
    buckets.store.put(KEY, Buffer.from('other'), DIGEST);

    await expect(copyTarball(buckets)).rejects.toThrow(DigestMismatch);

    expect(await buckets.destination.head(KEY)).toBeUndefined();
  });
});
