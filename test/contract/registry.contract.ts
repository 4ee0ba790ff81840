import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Digest, digestOf } from '../../lambdas/domain/digest.ts';
import { type RepositoryName, Version } from '../../lambdas/domain/names.ts';
import type { BlobDescriptor, Manifest, Registry } from '../../lambdas/ports/registry.ts';
import {
  breaking,
  describeBlob,
  flip,
  IMAGE,
  INDEX,
  imageManifest,
  inChunks,
  indexManifest,
  randomHex,
  randomRepository,
  readAll,
} from './registry-parts.ts';

export interface RegistrySubject {
  readonly registry: Registry;
  /** Makes the repository where the registry does not do so by itself. */
  readonly createRepository: (name: RepositoryName) => Promise<void>;
  /** Whether a push to a repository that nobody made is refused, as ECR does. */
  readonly requiresRepository: boolean;
}

const V1 = Version.parse('1.0.0');
const NOWHERE = digestOf('nowhere');

/** What every `Registry` must do, be it the fake, a server on this machine, or ECR. */
export function registryContract(name: string, make: () => Promise<RegistrySubject>): void {
  describe(`the registry contract, ${name}`, () => {
    let subject: RegistrySubject;
    let registry: Registry;
    let repository: RepositoryName;

    beforeAll(async () => {
      subject = await make();
      registry = subject.registry;
    });

    beforeEach(async () => {
      repository = randomRepository();
      await subject.createRepository(repository);
    });

    const pushBlob = async (bytes: Buffer): Promise<BlobDescriptor> => {
      const blob = describeBlob(bytes);
      await registry.push(repository, blob, Readable.from([bytes]));
      return blob;
    };

    const pushImage = async (tag?: Version): Promise<Manifest> => {
      const config = await pushBlob(Buffer.from(JSON.stringify({ nonce: randomHex() })));
      const layer = await pushBlob(randomBytes(1000));
      const image = imageManifest(config, [layer]);
      await registry.put(repository, image, tag);
      return image;
    };

    const hasBlob = async (digest: Digest): Promise<boolean> =>
      await registry.hasBlob(repository, digest);

    describe('blobs', () => {
      it('gives back the bytes it was given', async () => {
        const bytes = randomBytes(300_000);

        const blob = await pushBlob(bytes);

        expect(await hasBlob(blob.digest)).toBe(true);
        const pulled = await readAll(await registry.pull(repository, blob));
        expect(digestOf(pulled)).toBe(blob.digest);
      });

      it('takes a blob of no bytes', async () => {
        const blob = await pushBlob(Buffer.alloc(0));

        expect(await readAll(await registry.pull(repository, blob))).toHaveLength(0);
      });

      it('takes the same blob twice', async () => {
        const bytes = randomBytes(100);
        await pushBlob(bytes);

        const blob = await pushBlob(bytes);

        expect(await hasBlob(blob.digest)).toBe(true);
      });

      it('says of an unknown blob that it is not there', async () => {
        expect(await hasBlob(NOWHERE)).toBe(false);
        await expect(registry.pull(repository, { digest: NOWHERE, size: 1 })).rejects.toMatchObject(
          { name: 'ArtifactMissing' },
        );
      });

      it.each([
        ['other bytes of the same size', (bytes: Buffer) => flip(bytes)],
        ['a byte too few', (bytes: Buffer) => bytes.subarray(1)],
        ['a byte too many', (bytes: Buffer) => Buffer.concat([bytes, Buffer.from('!')])],
        ['nothing', () => Buffer.alloc(0)],
      ])('stores nothing when the body has %s', async (_case, damage) => {
        const bytes = randomBytes(200_000);
        const blob = describeBlob(bytes);
        const damaged = damage(bytes);

        const pushed = registry.push(repository, blob, inChunks(damaged));

        await expect(pushed).rejects.toMatchObject({
          name: 'DigestMismatch',
          data: { expected: blob.digest },
        });
        expect(await hasBlob(blob.digest)).toBe(false);
        expect(await hasBlob(digestOf(damaged))).toBe(false);
      });

      it('stores nothing when the body breaks off, and says why', async () => {
        const bytes = randomBytes(200_000);
        const blob = describeBlob(bytes);
        const broken = new Error('the source went away');

        const pushed = registry.push(
          repository,
          blob,
          breaking(bytes.subarray(0, 150_000), broken),
        );

        await expect(pushed).rejects.toBe(broken);
        expect(await hasBlob(blob.digest)).toBe(false);
      });
    });

    describe('manifests', () => {
      it('gives back the bytes it was given, by tag and by digest', async () => {
        const image = await pushImage(V1);

        for (const reference of [V1, image.digest]) {
          const read = await registry.manifest(repository, reference);
          expect(read.digest).toBe(image.digest);
          expect(read.mediaType).toBe(IMAGE);
          expect(Buffer.from(read.bytes).equals(Buffer.from(image.bytes))).toBe(true);
        }
      });

      it('describes what a reference names', async () => {
        const image = await pushImage(V1);

        const expected = { digest: image.digest, mediaType: IMAGE, size: image.bytes.length };
        expect(await registry.head(repository, V1)).toEqual(expected);
        expect(await registry.head(repository, image.digest)).toEqual(expected);
      });

      it('keeps a child that was put by digest only, and an index over it', async () => {
        const child = await pushImage();
        const index = indexManifest([child]);

        await registry.put(repository, index, V1);

        expect(await registry.head(repository, V1)).toMatchObject({
          digest: index.digest,
          mediaType: INDEX,
        });
        expect((await registry.manifest(repository, child.digest)).digest).toBe(child.digest);
      });

      it('says of an unknown reference that it names nothing', async () => {
        await pushImage(V1);
        const other = Version.parse('2.0.0');

        expect(await registry.head(repository, other)).toBeUndefined();
        expect(await registry.head(repository, NOWHERE)).toBeUndefined();
        await expect(registry.manifest(repository, other)).rejects.toMatchObject({
          name: 'ArtifactMissing',
        });
        await expect(registry.manifest(repository, NOWHERE)).rejects.toMatchObject({
          name: 'ArtifactMissing',
        });
      });

      it('takes the same digest under the same tag again', async () => {
        const image = await pushImage(V1);

        await registry.put(repository, image, V1);

        expect(await registry.head(repository, V1)).toMatchObject({ digest: image.digest });
      });

      it('never moves a tag, and names both digests', async () => {
        const first = await pushImage(V1);
        const second = await pushImage();

        const put = registry.put(repository, second, V1);

        await expect(put).rejects.toMatchObject({
          name: 'DigestConflict',
          data: { repository, tag: V1, existing: first.digest, wanted: second.digest },
        });
        expect(await registry.head(repository, V1)).toMatchObject({ digest: first.digest });
      });

      it('refuses a manifest whose blobs are not there', async () => {
        const absent = describeBlob(randomBytes(10));
        const image = imageManifest(absent, [absent]);

        const put = registry.put(repository, image, V1);

        await expect(put).rejects.toMatchObject({ name: 'RegistryRefused' });
        expect(await registry.head(repository, V1)).toBeUndefined();
      });

      it('refuses bytes that are not what their digest says', async () => {
        const image = await pushImage();
        const other = digestOf('other');

        const put = registry.put(repository, { ...image, digest: other }, V1);

        await expect(put).rejects.toMatchObject({
          name: 'DigestMismatch',
          data: { expected: other, actual: image.digest },
        });
        expect(await registry.head(repository, V1)).toBeUndefined();
      });
    });

    it('names the missing repository, unless the registry makes them on push', async () => {
      const nobodys = randomRepository();
      const blob = describeBlob(Buffer.from('x'));
      const error = { name: 'RepositoryMissing', data: { repository: nobodys } };

      const head = registry.head(nobodys, V1);

      if (!subject.requiresRepository) {
        expect(await head).toBeUndefined();
        return;
      }
      await expect(head).rejects.toMatchObject(error);
      await expect(registry.manifest(nobodys, V1)).rejects.toMatchObject(error);
      await expect(registry.push(nobodys, blob, Readable.from(['x']))).rejects.toMatchObject(error);
    });
  });
}
