import { beforeEach, describe, expect, it } from 'vitest';
import { type Digest, digestOf } from '../../lambdas/domain/digest.ts';
import type { Registry } from '../../lambdas/ports/registry.ts';
import type { MemoryRegistry } from '../fakes/memory-registry.ts';
import { manifestOf, pushBlob } from './image-graph.ts';
import { FROM, type TwoRegistries, twoRegistries, V1, writes } from './two-registries.ts';

let registries: TwoRegistries;
let source: MemoryRegistry;
let destination: MemoryRegistry;

beforeEach(() => {
  registries = twoRegistries();
  ({ source, destination } = registries);
});

describe('a manifest that nobody should have built (T16)', () => {
  const config = { mediaType: 'application/vnd.oci.image.config.v1+json' };
  const IMAGE = 'application/vnd.oci.image.manifest.v1+json';
  const INDEX = 'application/vnd.oci.image.index.v1+json';

  it.each([
    ['image and index at once (CVE-2021-41190)', IMAGE, { layers: [], manifests: [] }],
    [
      'called an index by itself, an image by the registry',
      IMAGE,
      { mediaType: INDEX, layers: [] },
    ],
    ['of an unknown kind', 'application/vnd.docker.distribution.manifest.v1+json', { layers: [] }],
    ['without layers', IMAGE, {}],
  ])('is refused: %s', async (_case, mediaType, document) => {
    const blob = await pushBlob(source, FROM, '{}');
    const root = manifestOf(mediaType, { config: { ...config, ...blob }, ...document });
    await source.put(FROM, root, V1);

    await expect(registries.copy(root.digest)).rejects.toMatchObject({ name: 'InvalidInput' });
    expect(writes(destination)).toHaveLength(0);
  });

  it('is refused when indexes are nested without an end in sight', async () => {
    const deep = Array.from({ length: 6 }).reduce<ReturnType<typeof manifestOf>[]>((chain) => {
      const below = chain.at(-1);
      const manifests = below
        ? [{ mediaType: INDEX, digest: below.digest, size: below.bytes.length }]
        : [];
      return [...chain, manifestOf(INDEX, { manifests })];
    }, []);
    for (const manifest of deep) await source.put(FROM, manifest);

    await expect(registries.copy(deep.at(-1)?.digest ?? digestOf(''))).rejects.toMatchObject({
      name: 'InvalidInput',
    });
  });
});

describe('a foreign layer', () => {
  const type = 'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip';

  async function pushForeign(registry: Registry): Promise<Digest> {
    const config = await pushBlob(source, FROM, '{}');
    const layer = await pushBlob(source, FROM, 'windows');
    const urls = ['https://mcr.example/layer'];
    const root = manifestOf('application/vnd.oci.image.manifest.v1+json', {
      config: { mediaType: 'application/vnd.oci.image.config.v1+json', ...config },
      layers: [{ mediaType: type, ...layer, urls }],
    });
    await registry.put(FROM, root, V1);
    return root.digest;
  }

  it('is copied where the source holds it', async () => {
    const digest = await pushForeign(source);

    expect(await registries.copy(digest)).toMatchObject({
      outcome: 'copied',
      blobs: { copied: 2 },
    });
  });

  it('is named where the source holds only a URL, which is never followed', async () => {
    const digest = await pushForeign(source);
    source.lose(FROM, digestOf('windows'));

    await expect(registries.copy(digest)).rejects.toMatchObject({
      name: 'ArtifactMissing',
      message: expect.stringContaining('is foreign'),
    });
  });
});
