import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Digest, digestOf } from '../../lambdas/domain/digest.ts';
import { ArtifactMissing, DigestMismatch, Unavailable } from '../../lambdas/domain/errors.ts';
import type { NewObject, Objects } from '../../lambdas/ports/objects.ts';

export interface ObjectsSubject {
  readonly objects: Objects;
  /** Another bucket, by its name. */
  readonly another: { readonly objects: Objects; readonly bucket: string };
  /** Writes as somebody with a hand in that other bucket does: over what is there, with any digest beside it. */
  readonly overwrite: (key: string, bytes: Uint8Array, digest: Digest) => Promise<void>;
  /** Whether the buckets' server copies between them. */
  readonly fetches: boolean;
  /** Whether it does so in one request only if nothing is there. */
  readonly fetchesConditionally: boolean;
}

const MiB = 1024 ** 2;
/** More than a part, and no whole number of them. */
const LARGE = 20 * MiB + 11;
const FACTS = { commit: 'c0ffee', builder: 'https://ci.example/7?a=b c' };

const describing = (bytes: Uint8Array): NewObject => ({
  bytes: bytes.length,
  digest: digestOf(bytes),
  facts: FACTS,
});

/** In pieces as a line delivers them, the last time before an error if one is given. */
async function* pieces(bytes: Uint8Array, size = 65_536, until = bytes.length, error?: Error) {
  for (let at = 0; at < until; at += size) yield bytes.subarray(at, Math.min(until, at + size));
  if (error !== undefined) throw error;
}

async function readAll(content: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of content) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** What every `Objects` must do, be it the fake, a server on this machine, or S3. */
export function objectsContract(name: string, make: () => Promise<ObjectsSubject>): void {
  describe(`the contract of a bucket, ${name}`, () => {
    let subject: ObjectsSubject;
    let objects: Objects;
    let key: string;

    beforeAll(async () => {
      subject = await make();
      objects = subject.objects;
    });

    beforeEach(() => {
      key = `relay-${randomBytes(4).toString('hex')}/${randomBytes(20).toString('hex')}.tar.gz`;
    });

    const create = (bytes: Uint8Array, told = describing(bytes)) =>
      objects.create(key, pieces(bytes), told);
    const contentOf = async (from?: number) => {
      const object = await objects.head(key);
      if (object === undefined) return undefined;
      return readAll(await objects.read(object, from));
    };

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

    describe('of whose source somebody else has a hand in', () => {
      it('reads no other bytes than those it looked at', async () => {
        const { another, overwrite } = subject;
        const first = randomBytes(1_000);
        await overwrite(key, first, digestOf(first));
        const object = await another.objects.head(key);
        const second = randomBytes(1_000);
        await overwrite(key, second, digestOf(second));

        const reading = async () => readAll(await another.objects.read(object ?? missing()));

        await expect(reading()).rejects.toThrow(ArtifactMissing);
      });

      it('fetches an object, with what was told of it', async () => {
        const { another, overwrite, fetches } = subject;
        const bytes = randomBytes(100_000);
        await overwrite(key, bytes, digestOf(bytes));

        const outcome = await objects.copyFrom(await source(), key, describing(bytes));

        expect(outcome).toBe(fetches ? 'copied' : 'out-of-reach');
        expect(await another.objects.head(key)).toBeDefined();
        if (!fetches) return;
        expect(await objects.head(key)).toMatchObject(describing(bytes));
        expect(digestOf((await contentOf()) ?? '')).toBe(digestOf(bytes));
      });

      it('fetches nothing over what is there', async () => {
        const bytes = randomBytes(1_000);
        await subject.overwrite(key, bytes, digestOf(bytes));
        const other = randomBytes(1_000);
        await create(other);

        const outcome = await objects.copyFrom(await source(), key, describing(bytes));

        expect(outcome).toBe(subject.fetches ? 'exists' : 'out-of-reach');
        expect(await contentOf()).toEqual(other);
      });

      it('fetches what that bucket has found the digest of', async () => {
        const { another, fetches, fetchesConditionally } = subject;
        const bytes = randomBytes(100_000);
        await another.objects.create(key, pieces(bytes), describing(bytes));

        const outcome = await objects.copyFrom(await source(), key, describing(bytes));

        expect(outcome).toBe(fetches ? 'copied' : 'out-of-reach');
        if (!fetches) return;
        expect(await objects.head(key)).toMatchObject(describing(bytes));
        expect(digestOf((await contentOf()) ?? '')).toBe(digestOf(bytes));
        if (!fetchesConditionally) return;
        expect(await objects.copyFrom(await source(), key, describing(bytes))).toBe('exists');
      });

      it('does not hand on what that bucket was told it may let go', async () => {
        const { another, fetches } = subject;
        const bytes = randomBytes(1_000);
        await another.objects.create(key, pieces(bytes), describing(bytes));
        await another.objects.mark(key, true);

        await objects.copyFrom(await source(), key, describing(bytes));

        if (fetches) expect(await objects.mark(key, false)).toBe(false);
        else expect(await objects.head(key)).toBeUndefined();
      });

      it('keeps nothing of other bytes, whatever digest is written beside them', async () => {
        const [bytes, other] = [randomBytes(1_000), randomBytes(1_000)];
        await subject.overwrite(key, other, digestOf(bytes));

        const fetching = objects.copyFrom(await source(), key, describing(bytes));

        if (subject.fetches) await expect(fetching).rejects.toThrow(DigestMismatch);
        else expect(await fetching).toBe('out-of-reach');
        expect(await objects.head(key)).toBeUndefined();
      });

      it('fetches nothing that has been written over, or is gone', async () => {
        const { fetches, overwrite } = subject;
        const bytes = randomBytes(1_000);
        await overwrite(key, bytes, digestOf(bytes));
        const before = await source();
        const other = randomBytes(1_000);
        await overwrite(key, other, digestOf(other));
        const gone = { ...before, key: `${key}.gone` };
        const known = { checksum: digestOf(bytes) };

        for (const from of [before, gone, { ...before, ...known }, { ...gone, ...known }]) {
          const fetching = objects.copyFrom(from, key, describing(bytes));
          if (fetches) await expect(fetching).rejects.toThrow(ArtifactMissing);
          else expect(await fetching).toBe('out-of-reach');
        }
        expect(await objects.head(key)).toBeUndefined();
      });

      it.each([undefined, digestOf('x')])(
        'says that a bucket is out of its reach',
        async (known) => {
          const told = known && { checksum: known };
          const from = { bucket: 'conveyor-nowhere-at-all', key, etag: '"0"', ...told };

          expect(await objects.copyFrom(from, key, describing(Buffer.from('x')))).toBe(
            'out-of-reach',
          );

          expect(await objects.head(key)).toBeUndefined();
          expect(await create(Buffer.from('y'))).toBe(true);
        },
      );

      const source = async () => {
        const object = (await subject.another.objects.head(key)) ?? missing();
        return { ...object, bucket: subject.another.bucket };
      };
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

function missing(): never {
  throw new Error('the object is not there');
}
