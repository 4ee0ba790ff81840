import { beforeEach, describe, expect, it } from 'vitest';
import { pushImage } from '../../bin/twin/push-image.ts';
import { sampleImage } from '../../bin/twin/sample-image.ts';
import { type VerifiedImage, verifyImage } from '../../lambdas/copy/verify-image.ts';
import { digestOf } from '../../lambdas/domain/digest.ts';
import { RepositoryName, Version } from '../../lambdas/domain/names.ts';
import type { Registry } from '../../lambdas/ports/registry.ts';
import { MemoryRegistry } from '../fakes/memory-registry.ts';

const SHOP = RepositoryName.parse('prod/shop');
const V1 = Version.parse('1.0.0');
const SAMPLE = sampleImage({ service: 'shop', version: '1.0.0' });
const CHILDREN = SAMPLE.manifests.map((child) => child.digest);

let registry: MemoryRegistry;

async function verify(
  digest = SAMPLE.index.digest,
  from: Registry = registry,
): Promise<VerifiedImage> {
  return await verifyImage({ registry: from, repository: SHOP, tag: V1, digest });
}

beforeEach(async () => {
  registry = new MemoryRegistry();
  registry.createRepository(SHOP);
  await pushImage({ registry, repository: SHOP, tag: V1, image: SAMPLE });
});

describe('verifying an image', () => {
  it('reads the tag and lists the children it found', async () => {
    registry.calls.length = 0;

    const verified = await verify();

    expect(verified.digest).toBe(SAMPLE.index.digest);
    expect([...verified.children].sort()).toEqual([...CHILDREN].sort());
    expect(registry.calls[0]).toMatchObject({ method: 'manifest', reference: V1 });
  });

  it('changes nothing and reads no layer', async () => {
    registry.calls.length = 0;

    await verify();

    expect(new Set(registry.calls.map(({ method }) => method))).toEqual(
      new Set(['manifest', 'hasBlob']),
    );
  });

  it('names both digests where the tag names something else', async () => {
    const wanted = digestOf('wanted');

    await expect(verify(wanted)).rejects.toMatchObject({
      name: 'DigestMismatch',
      data: { expected: wanted, actual: SAMPLE.index.digest },
    });
  });

  it('trusts bytes, not what a registry says about them', async () => {
    const lying: Registry = Object.assign(Object.create(registry) as MemoryRegistry, {
      hasBlob: registry.hasBlob.bind(registry),
      manifest: async (...args: Parameters<Registry['manifest']>) => {
        const manifest = await registry.manifest(...args);
        return { ...manifest, bytes: Buffer.concat([manifest.bytes, Buffer.from('\n')]) };
      },
    });

    await expect(verify(SAMPLE.index.digest, lying)).rejects.toMatchObject({
      name: 'DigestMismatch',
    });
  });

  it.each(CHILDREN)('names the child that is missing: %s', async (digest) => {
    registry.lose(SHOP, digest);

    await expect(verify()).rejects.toMatchObject({
      name: 'ArtifactMissing',
      data: { reference: digest },
    });
  });

  it.each(SAMPLE.blobs.map((blob) => blob.digest))(
    'names the blob that is missing: %s',
    async (digest) => {
      registry.lose(SHOP, digest);

      await expect(verify()).rejects.toMatchObject({ name: 'ArtifactMissing', data: { digest } });
    },
  );

  it('names the tag that is missing', async () => {
    const other = RepositoryName.parse('prod/other');
    registry.createRepository(other);

    const verified = verifyImage({
      registry,
      repository: other,
      tag: V1,
      digest: SAMPLE.index.digest,
    });

    await expect(verified).rejects.toMatchObject({
      name: 'ArtifactMissing',
      data: { reference: V1, repository: other },
    });
  });
});
