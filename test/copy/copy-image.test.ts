import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { pushImage } from '../../bin/twin/push-image.ts';
import { sampleImage } from '../../bin/twin/sample-image.ts';
import { type CopyResult, copyImage } from '../../lambdas/copy/copy-image.ts';
import { verifyImage } from '../../lambdas/copy/verify-image.ts';
import { type Digest, digestOf } from '../../lambdas/domain/digest.ts';
import { RegistryUnavailable } from '../../lambdas/domain/errors.ts';
import { RepositoryName, Version } from '../../lambdas/domain/names.ts';
import type { Registry } from '../../lambdas/ports/registry.ts';
import { FixedClock } from '../fakes/fixed-clock.ts';
import { MemoryRegistry } from '../fakes/memory-registry.ts';
import { anyGraph, manifestOf, pushBlob, pushGraph } from './image-graph.ts';

const FROM = RepositoryName.parse('dev/shop');
const TO = RepositoryName.parse('prod/shop');
const V1 = Version.parse('1.0.0');
const SAMPLE = sampleImage({ service: 'shop', version: '1.0.0' });

let source: MemoryRegistry;
let destination: MemoryRegistry;

function freshRegistries(): void {
  source = new MemoryRegistry();
  source.createRepository(FROM);
  destination = new MemoryRegistry();
  destination.createRepository(TO);
}

async function copy(
  digest: Digest,
  options: { to?: Registry; remainingMilliseconds?: () => number } = {},
): Promise<CopyResult> {
  const { to = destination, ...rest } = options;
  return await copyImage({
    source: { registry: source, repository: FROM },
    destination: { registry: to, repository: TO, tag: V1 },
    digest,
    clock: new FixedClock(),
    ...rest,
  });
}

async function verify(digest: Digest): Promise<unknown> {
  return await verifyImage({ registry: destination, repository: TO, tag: V1, digest });
}

function writes(registry: MemoryRegistry): string[] {
  return registry.calls
    .filter(({ method }) => method === 'push' || method === 'put')
    .map(({ method, reference }) => `${method} ${reference}`);
}

beforeEach(freshRegistries);

describe('copying an image', () => {
  beforeEach(async () => {
    await pushImage({ registry: source, repository: FROM, tag: V1, image: SAMPLE });
    source.calls.length = 0;
  });

  it('brings over every platform and every layer, byte for byte', async () => {
    const result = await copy(SAMPLE.index.digest);

    const bytes = SAMPLE.blobs.reduce((sum, blob) => sum + blob.size, 0);
    expect(result).toEqual({
      outcome: 'copied',
      digest: SAMPLE.index.digest,
      manifests: 3,
      blobs: { copied: 5, skipped: 0 },
      bytes,
    });
    expect(destination.contents(TO)).toEqual(source.contents(FROM));
  });

  it('puts blobs first, then children by digest, and the tag last', async () => {
    await copy(SAMPLE.index.digest);

    const order = writes(destination);
    const children = SAMPLE.manifests.map((child) => `put ${child.digest}`);
    expect(order.slice(0, 5).every((write) => write.startsWith('push '))).toBe(true);
    expect(order.slice(5, 7).sort()).toEqual(children.sort());
    expect(order.slice(7)).toEqual([`put ${V1}`]);
  });

  it('asks the source by digest only', async () => {
    await copy(SAMPLE.index.digest);

    expect(source.calls.every((call) => call.reference.startsWith('sha256:'))).toBe(true);
  });

  it('reads a layer that two platforms share once', async () => {
    await copy(SAMPLE.index.digest);

    const pulls = source.calls.filter(({ method }) => method === 'pull');
    expect(new Set(pulls.map((call) => call.reference)).size).toBe(pulls.length);
  });

  it('asks one question where the tag names the digest already', async () => {
    await copy(SAMPLE.index.digest);
    source.calls.length = 0;
    destination.calls.length = 0;

    const result = await copy(SAMPLE.index.digest);

    expect(result).toMatchObject({ outcome: 'already-present', manifests: 0, bytes: 0 });
    expect(source.calls).toHaveLength(0);
    expect(destination.calls).toEqual([{ method: 'head', repository: TO, reference: V1 }]);
  });

  it('skips the blobs that an earlier release brought', async () => {
    const older = sampleImage({ service: 'shop', version: '0.9.0' });
    const before = Version.parse('0.9.0');
    await pushImage({ registry: destination, repository: TO, tag: before, image: older });

    const result = await copy(SAMPLE.index.digest);

    expect(result.blobs).toEqual({ copied: 4, skipped: 1 });
  });

  it('stops before a byte is moved where the tag names another digest, and names both', async () => {
    const other = sampleImage({ service: 'shop', version: 'other' });
    await pushImage({ registry: destination, repository: TO, tag: V1, image: other });
    const before = writes(destination);

    const copied = copy(SAMPLE.index.digest);

    await expect(copied).rejects.toMatchObject({
      name: 'DigestConflict',
      data: { tag: V1, existing: other.index.digest, wanted: SAMPLE.index.digest },
    });
    expect(source.calls).toHaveLength(0);
    expect(writes(destination)).toEqual(before);
  });

  it('names the repository that is missing, before a byte is moved', async () => {
    destination = new MemoryRegistry();

    await expect(copy(SAMPLE.index.digest)).rejects.toMatchObject({
      name: 'RepositoryMissing',
      data: { repository: TO },
    });
    expect(source.calls).toHaveLength(0);
  });

  it('says what the source does not hold', async () => {
    await expect(copy(digestOf('nothing'))).rejects.toMatchObject({ name: 'ArtifactMissing' });
    expect(writes(destination)).toHaveLength(0);
  });

  it('tries a blob again as a whole where the line broke', async () => {
    destination.failNext('push', new RegistryUnavailable('cut'));

    const result = await copy(SAMPLE.index.digest);

    expect(result).toMatchObject({ outcome: 'copied', blobs: { copied: 5 } });
  });

  it('continues in a next call when time runs out between two blobs', async () => {
    const outcomes: CopyResult[] = [];

    do {
      outcomes.push(await copy(SAMPLE.index.digest, { remainingMilliseconds: () => 1000 }));
    } while (outcomes.at(-1)?.outcome === 'continue');

    expect(outcomes.length).toBeGreaterThan(1);
    expect(outcomes.slice(0, -1).every(({ blobs }) => blobs.copied > 0)).toBe(true);
    expect(outcomes.at(-1)?.outcome).toBe('copied');
    expect(outcomes.reduce((sum, { blobs }) => sum + blobs.copied, 0)).toBe(5);
    await verify(SAMPLE.index.digest);
  });

  it('never has more than four blobs under way', async () => {
    let now = 0;
    let most = 0;
    const watched: Registry = Object.assign(Object.create(destination) as MemoryRegistry, {
      push: async (...args: Parameters<Registry['push']>) => {
        most = Math.max(most, ++now);
        await destination.push(...args);
        now--;
      },
      head: destination.head.bind(destination),
      hasBlob: destination.hasBlob.bind(destination),
      put: destination.put.bind(destination),
    });
    const layers = Array.from({ length: 20 }, (_, at) => `layer ${at}`);
    const image = await pushGraph(source, FROM, { config: '{}', layers });

    await copy(image.digest, { to: watched });

    expect(most).toBe(4);
  });
});

describe('any image', () => {
  it('arrives byte for byte; the second time nothing moves', async () => {
    await fc.assert(
      fc.asyncProperty(anyGraph, async (graph) => {
        freshRegistries();
        const root = await pushGraph(source, FROM, graph, V1);

        const first = await copy(root.digest);
        const { children } = await verifyImage({
          registry: destination,
          repository: TO,
          tag: V1,
          digest: root.digest,
        });
        const moved = writes(destination).length;
        const second = await copy(root.digest);

        expect(destination.contents(TO)).toEqual(source.contents(FROM));
        expect(first.manifests).toBe(children.length + 1);
        expect(second).toMatchObject({ outcome: 'already-present', bytes: 0 });
        expect(writes(destination)).toHaveLength(moved);
      }),
      { numRuns: 200 },
    );
  });

  it('is whole after a crash at any call, before or after its effect, and a second run', async () => {
    const image = sampleImage({ service: 'shop', version: '1.0.0' });
    const crash = new Error('crashed');
    for (const side of ['source', 'destination'] as const) {
      for (const when of ['before', 'after'] as const) {
        for (let skip = 0; ; skip++) {
          freshRegistries();
          await pushImage({ registry: source, repository: FROM, tag: V1, image });
          const crashing = side === 'source' ? source : destination;
          crashing.failNext(undefined, crash, { skip, when });
          const outcome: unknown = await copy(image.index.digest).catch((error: unknown) => error);
          if (outcome !== crash) {
            expect(skip).toBeGreaterThan(7);
            break;
          }
          await requireTaggedOnlyWhenWhole(image.index.digest);

          await copy(image.index.digest);

          expect(destination.contents(TO)).toEqual(source.contents(FROM));
        }
      }
    }
  });

  it('with one damaged bit anywhere is never tagged, and the damage never stored', async () => {
    const parts = [...SAMPLE.blobs, ...SAMPLE.manifests, SAMPLE.index];
    for (const { digest } of parts) {
      freshRegistries();
      await pushImage({ registry: source, repository: FROM, tag: V1, image: SAMPLE });
      source.corrupt(FROM, digest);

      const copied = copy(SAMPLE.index.digest);

      await expect(copied).rejects.toMatchObject({
        name: 'DigestMismatch',
        data: { expected: digest, actual: expect.stringMatching(/^sha256:/) },
      });
      const { tags, blobs, manifests } = destination.contents(TO);
      expect(tags).toEqual({});
      expect({ ...blobs, ...manifests }).not.toHaveProperty([digest]);
    }
  });
});

async function requireTaggedOnlyWhenWhole(digest: Digest): Promise<void> {
  if (destination.contents(TO).tags[V1] !== undefined) await verify(digest);
}

describe('a manifest that nobody should have built', () => {
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

    await expect(copy(root.digest)).rejects.toMatchObject({ name: 'InvalidInput' });
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

    await expect(copy(deep.at(-1)?.digest ?? digestOf(''))).rejects.toMatchObject({
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

    expect(await copy(digest)).toMatchObject({ outcome: 'copied', blobs: { copied: 2 } });
  });

  it('is named where the source holds only a URL, which is never followed', async () => {
    const digest = await pushForeign(source);
    source.lose(FROM, digestOf('windows'));

    await expect(copy(digest)).rejects.toMatchObject({
      name: 'ArtifactMissing',
      message: expect.stringContaining('is foreign'),
    });
  });
});
