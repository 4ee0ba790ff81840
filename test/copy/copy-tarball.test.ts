import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { copyTarball } from '../../lambdas/copy/copy-tarball.ts';
import { verifyTarball } from '../../lambdas/copy/verify-tarball.ts';
import { digestOf } from '../../lambdas/domain/digest.ts';
import {
  ArtifactMissing,
  DigestConflict,
  DigestMismatch,
  Unavailable,
} from '../../lambdas/domain/errors.ts';
import type { Objects } from '../../lambdas/ports/objects.ts';
import { CONTENT, DIGEST, FACTS, KEY, twoBuckets } from './two-buckets.ts';

/** The bucket, but its line is cut after so many bytes, time and again. */
function cutting(objects: Objects, after: number): Objects & { readonly cuts: number } {
  let cuts = 0;
  return {
    get cuts() {
      return cuts;
    },
    head: (key) => objects.head(key),
    create: (...args) => objects.create(...args),
    copyFrom: (...args) => objects.copyFrom(...args),
    list: (prefix) => objects.list(prefix),
    mark: (...args) => objects.mark(...args),
    read: async (object, from) => {
      const whole = await objects.read(object, from);
      return (async function* () {
        let left = after;
        for await (const chunk of whole) {
          const some = chunk.subarray(0, Math.max(0, left));
          left -= some.length;
          if (some.length > 0) yield some;
          if (some.length === chunk.length) continue;
          cuts += 1;
          throw new Unavailable('the line was cut');
        }
      })();
    },
  };
}

describe('a tarball that is copied', () => {
  it('arrives byte for byte, with what its builder told', async () => {
    const buckets = twoBuckets();

    const copied = await copyTarball(buckets);

    expect(copied).toEqual({ outcome: 'copied', bytes: CONTENT.length });
    expect(await buckets.destination.head(KEY)).toMatchObject({ digest: DIGEST, facts: FACTS });
    expect(await verifyTarball({ ...buckets, objects: buckets.destination })).toEqual({
      bytes: CONTENT.length,
    });
  });

  it('is not moved again where it is there', async () => {
    const buckets = twoBuckets();
    await copyTarball(buckets);

    expect(await copyTarball(buckets)).toEqual({ outcome: 'already-present', bytes: 0 });
  });

  it('arrives although the line is cut, and goes on where it stopped', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1_000, max: 400_000 }), async (after) => {
        const buckets = twoBuckets();
        const source = cutting(buckets.source, after);

        await copyTarball({ ...buckets, source });

        expect(digestOf(buckets.destination.bytesOf(KEY) ?? '')).toBe(DIGEST);
        expect(source.cuts).toBe(Math.ceil(CONTENT.length / after) - 1);
      }),
      { numRuns: 25 },
    );
  });

  it('is given up where nothing comes any more, and nothing is there', async () => {
    const buckets = twoBuckets();

    await expect(copyTarball({ ...buckets, source: cutting(buckets.source, 0) })).rejects.toThrow(
      Unavailable,
    );

    expect(await buckets.destination.head(KEY)).toBeUndefined();
  });

  it('never replaces other bytes, and says which are there', async () => {
    const buckets = twoBuckets();
    buckets.destination.put(KEY, Buffer.from('other'), digestOf('other'));

    const error = await copyTarball(buckets).catch((e: unknown) => e);

    expect(error).toBeInstanceOf(DigestConflict);
    expect((error as DigestConflict).data).toEqual({
      key: KEY,
      existing: digestOf('other'),
      wanted: DIGEST,
    });
    expect(buckets.destination.bytesOf(KEY)).toEqual(Buffer.from('other'));
  });

  it('never trusts what is there without a digest', async () => {
    const buckets = twoBuckets();
    buckets.destination.put(KEY, CONTENT);

    await expect(copyTarball(buckets)).rejects.toThrow(/unknown content/);
  });

  it.each([
    ['other bytes', Buffer.alloc(CONTENT.length, 'not what was built')],
    ['fewer bytes', CONTENT.subarray(1)],
  ])('is nowhere if the source has %s under the right digest', async (_, bytes) => {
    const buckets = twoBuckets();
    buckets.source.put(KEY, bytes, DIGEST);

    await expect(copyTarball(buckets)).rejects.toThrow(DigestMismatch);

    expect(await buckets.destination.head(KEY)).toBeUndefined();
  });

  it('is refused before a byte is moved if the source says another digest', async () => {
    const buckets = twoBuckets();
    buckets.source.put(KEY, Buffer.from('anew'), digestOf('anew'));

    await expect(copyTarball(buckets)).rejects.toThrow(/wrote over a release|not sha256/);
  });

  it('is said to be missing where it is', async () => {
    const buckets = twoBuckets();
    buckets.source.remove(KEY);

    await expect(copyTarball(buckets)).rejects.toThrow(ArtifactMissing);
  });

  it('is already there for the slower of two copies of it', async () => {
    const buckets = twoBuckets();

    const outcomes = await Promise.all([copyTarball(buckets), copyTarball(buckets)]);

    expect(outcomes.map(({ outcome }) => outcome).sort()).toEqual(['already-present', 'copied']);
  });

  it('is not of two builds if its source is written over while it is read', async () => {
    const buckets = twoBuckets();
    const source = cutting(buckets.source, 100_000);
    const read = source.read.bind(source);
    Object.assign(source, {
      read: async (...args: Parameters<Objects['read']>) => {
        if ((args[1] ?? 0) > 0) buckets.source.put(KEY, Buffer.alloc(300_000, 'anew'), DIGEST);
        return read(...args);
      },
    });

    await expect(copyTarball({ ...buckets, source })).rejects.toThrow(ArtifactMissing);
    expect(await buckets.destination.head(KEY)).toBeUndefined();
  });
});
