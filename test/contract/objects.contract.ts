import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { digestOf } from '../../lambdas/domain/digest.ts';
import { ArtifactMissing, DigestMismatch, Unavailable } from '../../lambdas/domain/errors.ts';
import type { Objects } from '../../lambdas/ports/objects.ts';
import {
  contentAt,
  describing,
  FACTS,
  newKey,
  type ObjectsSubject,
  pieces,
} from './objects-subject.ts';

const MiB = 1024 ** 2;
/** More than a part, and no whole number of them. */
const LARGE = 20 * MiB + 11;

/**
 * What every `Objects` must do with what is brought to it, be it the fake, a server on this machine, or S3.
 * What it fetches by itself: `fetchContract`.
 */
export function objectsContract(name: string, make: () => Promise<ObjectsSubject>): void {
  describe(`the contract of a bucket, ${name}`, () => {
    let objects: Objects;
    let key: string;

    beforeAll(async () => {
      objects = (await make()).objects;
    });

    beforeEach(() => {
      key = newKey();
    });

    const create = (bytes: Uint8Array, told = describing(bytes)) =>
      objects.create(key, pieces(bytes), told);
    const contentOf = (from?: number) => contentAt(objects, key, from);

    it('knows nothing of what is not there', async () => {
      expect(await objects.head(key)).toBeUndefined();
      expect(await objects.list(key)).toEqual([]);
    });

    it.each([1, 65_537, 5 * MiB - 1, 5 * MiB, 5 * MiB + 1, 15 * MiB, LARGE])(
      'keeps %d bytes as they are, with what was told of them',
      async (size) => {
        const bytes = randomBytes(size);

        expect(await create(bytes)).toBe(true);

        const object = await objects.head(key);
        expect(object).toMatchObject({ key, ...describing(bytes) });
        expect(object?.facts).toEqual(FACTS);
        expect(object?.etag).not.toBe('');
        expect(new Date(object?.at ?? '').toISOString()).toBe(object?.at);
        expect(digestOf((await contentOf()) ?? '')).toBe(digestOf(bytes));
      },
    );

    it('keeps nothing of nothing, as one object', async () => {
      const none = new Uint8Array();

      expect(await create(none)).toBe(true);

      expect(await objects.head(key)).toMatchObject({ bytes: 0 });
      expect(await contentOf()).toHaveLength(0);
    });

    it('reads on from any byte, and nothing from the last one on', async () => {
      const bytes = randomBytes(200_000);
      await create(bytes);

      expect(digestOf((await contentOf(1)) ?? '')).toBe(digestOf(bytes.subarray(1)));
      expect(digestOf((await contentOf(150_000)) ?? '')).toBe(digestOf(bytes.subarray(150_000)));
      expect(await contentOf(200_000)).toHaveLength(0);
    });

    it.each([100, LARGE])('never writes over %d bytes that are there', async (size) => {
      const [bytes, other] = [randomBytes(size), randomBytes(size)];
      await create(bytes);

      expect(await create(bytes)).toBe(false);
      expect(await create(other)).toBe(false);

      expect(digestOf((await contentOf()) ?? '')).toBe(digestOf(bytes));
    });

    it.each([100, LARGE])('lets one of two that write %d bytes at once win', async (size) => {
      const [bytes, other] = [randomBytes(size), randomBytes(size)];

      const made = await Promise.all([create(bytes), create(other)]);

      expect([...made].sort()).toEqual([false, true]);
      const winner = digestOf(made[0] ? bytes : other);
      expect((await objects.head(key))?.digest).toBe(winner);
      expect(digestOf((await contentOf()) ?? '')).toBe(winner);
    });

    it('takes what two try to write at once, of the same bytes', async () => {
      const bytes = randomBytes(LARGE);
      const broken = pieces(bytes, 65_536, 9 * MiB, new Error('the power went out'));
      await objects.create(key, broken, describing(bytes)).catch(() => {});

      const made = await Promise.allSettled([create(bytes), create(bytes)]);

      // Of one upload the slower one may find that the quicker has ended it.
      for (const one of made)
        if (one.status === 'rejected') expect(one.reason).toBeInstanceOf(Unavailable);
      expect(await create(bytes)).toBe(false);
      expect(digestOf((await contentOf()) ?? '')).toBe(digestOf(bytes));
    });

    it.each([
      ['other bytes', 100, (bytes: Buffer) => Buffer.from(bytes).fill(0, 50)],
      ['fewer bytes', 100, (bytes: Buffer) => bytes.subarray(1)],
      ['more bytes', 100, (bytes: Buffer) => Buffer.concat([bytes, bytes])],
      ['no bytes', 100, () => Buffer.alloc(0)],
      ['other bytes at the end', LARGE, (bytes: Buffer) => Buffer.from(bytes).fill(0, LARGE - 1)],
      ['half of the bytes', LARGE, (bytes: Buffer) => bytes.subarray(0, 9 * MiB)],
      ['a part too much', LARGE, (bytes: Buffer) => Buffer.concat([bytes, bytes])],
    ])('keeps nothing where %s come than the %d announced', async (_, size, spoil) => {
      const bytes = randomBytes(size);

      await expect(create(spoil(bytes), describing(bytes))).rejects.toThrow(DigestMismatch);

      expect(await objects.head(key)).toBeUndefined();
      expect(await create(bytes)).toBe(true);
    });

    it('passes on what its content throws, as it is, and takes the whole from the next try', async () => {
      const bytes = randomBytes(LARGE);
      const error = new Error('the power went out');
      const broken = pieces(bytes, 65_536, 17 * MiB, error);

      await expect(objects.create(key, broken, describing(bytes))).rejects.toBe(error);
      expect(await objects.head(key)).toBeUndefined();

      expect(await create(bytes)).toBe(true);
      expect(digestOf((await contentOf()) ?? '')).toBe(digestOf(bytes));
    });

    it('takes other bytes after a try of these broke off', async () => {
      const [bytes, other] = [randomBytes(LARGE), randomBytes(LARGE - 9 * MiB)];
      const broken = pieces(bytes, 65_536, 17 * MiB, new Error('the power went out'));
      await objects.create(key, broken, describing(bytes)).catch(() => {});

      expect(await create(other)).toBe(true);

      expect(await objects.head(key)).toMatchObject(describing(other));
      expect(digestOf((await contentOf()) ?? '')).toBe(digestOf(other));
    });

    it('tells of the same bytes what their last writer told', async () => {
      const bytes = randomBytes(LARGE);
      const broken = pieces(bytes, 65_536, 17 * MiB, new Error('the power went out'));
      const before = { ...describing(bytes), facts: { commit: 'before' } };
      await objects.create(key, broken, before).catch(() => {});

      await create(bytes);

      expect((await objects.head(key))?.facts).toEqual(FACTS);
    });

    it('does not mind how its content is cut into pieces', async () => {
      await fc.assert(
        fc.asyncProperty(fc.integer({ min: 1_000, max: 9 * MiB }), async (size) => {
          key = `relay/${randomBytes(20).toString('hex')}.tar.gz`;
          const bytes = randomBytes(9 * MiB + 1);

          await objects.create(key, pieces(bytes, size), describing(bytes));

          expect(digestOf((await contentOf()) ?? '')).toBe(digestOf(bytes));
        }),
        { numRuns: 8 },
      );
    });

    it('lists what begins so, by key', async () => {
      const service = `svc-${randomBytes(4).toString('hex')}`;
      const keys = ['b', 'a', 'c'].map((letter) => `${service}/${letter.repeat(40)}.tar.gz`);
      for (const one of [...keys, `${service}x/${'a'.repeat(40)}.tar.gz`]) {
        key = one;
        await create(Buffer.from(one));
      }

      const listed = await objects.list(`${service}/`);

      expect(listed.map((one) => one.key)).toEqual([...keys].sort());
      const [first] = listed;
      const head = await objects.head(first?.key ?? '');
      expect(first).toMatchObject({ bytes: head?.bytes, etag: head?.etag });
      // A header has whole seconds, a list may have more.
      expect(first?.at.slice(0, 19)).toBe(head?.at.slice(0, 19));
    });

    it('is told what it may let go, and once told it is told', async () => {
      await create(Buffer.from('old'));

      expect(await objects.mark(key, false)).toBe(false);
      expect(await objects.mark(key, true)).toBe(true);
      expect(await objects.mark(key, true)).toBe(false);
      expect(await objects.mark(key, false)).toBe(true);
      expect(await objects.mark(key, false)).toBe(false);

      expect(await contentOf()).toEqual(Buffer.from('old'));
    });

    it('says that nothing is there to let go', async () => {
      await expect(objects.mark(key, true)).rejects.toThrow(ArtifactMissing);
    });
  });
}
