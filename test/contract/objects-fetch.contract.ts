import { randomBytes } from 'node:crypto';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { digestOf } from '../../lambdas/domain/digest.ts';
import { ArtifactMissing, DigestMismatch } from '../../lambdas/domain/errors.ts';
import type { Objects } from '../../lambdas/ports/objects.ts';
import {
  contentAt,
  describing,
  newKey,
  type ObjectsSubject,
  pieces,
  readAll,
} from './objects-subject.ts';

/** What every `Objects` must do with another bucket's objects: it reads and fetches no bytes but those that were meant. */
export function fetchContract(name: string, make: () => Promise<ObjectsSubject>): void {
  describe(`the contract of a bucket, ${name}`, () => {
    let subject: ObjectsSubject;
    let objects: Objects;
    let key: string;

    beforeAll(async () => {
      subject = await make();
      objects = subject.objects;
    });

    beforeEach(() => {
      key = newKey();
    });

    const create = (bytes: Uint8Array) => objects.create(key, pieces(bytes), describing(bytes));
    const contentOf = () => contentAt(objects, key);

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
  });
}

function missing(): never {
  throw new Error('the object is not there');
}
