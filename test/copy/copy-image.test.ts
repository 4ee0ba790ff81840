import { beforeEach, describe, expect, it } from 'vitest';
import { pushImage } from '../../bin/twin/push-image.ts';
import { sampleImage } from '../../bin/twin/sample-image.ts';
import type { CopyResult } from '../../lambdas/copy/copy-image.ts';
import { digestOf } from '../../lambdas/domain/digest.ts';
import { RegistryUnavailable } from '../../lambdas/domain/errors.ts';
import { Version } from '../../lambdas/domain/names.ts';
import type { Registry } from '../../lambdas/ports/registry.ts';
import { MemoryRegistry } from '../fakes/memory-registry.ts';
import { pushGraph } from './image-graph.ts';
import { FROM, TO, type TwoRegistries, twoRegistries, V1, writes } from './two-registries.ts';

const SAMPLE = sampleImage({ service: 'shop', version: '1.0.0' });

let registries: TwoRegistries;
let source: MemoryRegistry;
let destination: MemoryRegistry;

beforeEach(() => {
  registries = twoRegistries();
  ({ source, destination } = registries);
});

describe('copying an image', () => {
  beforeEach(async () => {
    await pushImage({ registry: source, repository: FROM, tag: V1, image: SAMPLE });
    source.calls.length = 0;
  });

  it('brings over every platform and every layer, byte for byte', async () => {
    const result = await registries.copy(SAMPLE.index.digest);

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
    await registries.copy(SAMPLE.index.digest);

    const order = writes(destination);
    const children = SAMPLE.manifests.map((child) => `put ${child.digest}`);
    expect(order.slice(0, 5).every((write) => write.startsWith('push '))).toBe(true);
    expect(order.slice(5, 7).sort()).toEqual(children.sort());
    expect(order.slice(7)).toEqual([`put ${V1}`]);
  });

  it('asks the source by digest only', async () => {
    await registries.copy(SAMPLE.index.digest);

    expect(source.calls.every((call) => call.reference.startsWith('sha256:'))).toBe(true);
  });

  it('reads a layer that two platforms share once', async () => {
    await registries.copy(SAMPLE.index.digest);

    const pulls = source.calls.filter(({ method }) => method === 'pull');
    expect(new Set(pulls.map((call) => call.reference)).size).toBe(pulls.length);
  });

  it('asks one question where the tag names the digest already', async () => {
    await registries.copy(SAMPLE.index.digest);
    source.calls.length = 0;
    destination.calls.length = 0;

    const result = await registries.copy(SAMPLE.index.digest);

    expect(result).toMatchObject({ outcome: 'already-present', manifests: 0, bytes: 0 });
    expect(source.calls).toHaveLength(0);
    expect(destination.calls).toEqual([{ method: 'head', repository: TO, reference: V1 }]);
  });

  it('skips the blobs that an earlier release brought', async () => {
    const older = sampleImage({ service: 'shop', version: '0.9.0' });
    const before = Version.parse('0.9.0');
    await pushImage({ registry: destination, repository: TO, tag: before, image: older });

    const result = await registries.copy(SAMPLE.index.digest);

    expect(result.blobs).toEqual({ copied: 4, skipped: 1 });
  });

  it('stops before a byte is moved where the tag names another digest, and names both (T15)', async () => {
    const other = sampleImage({ service: 'shop', version: 'other' });
    await pushImage({ registry: destination, repository: TO, tag: V1, image: other });
    const before = writes(destination);

    const copied = registries.copy(SAMPLE.index.digest);

    await expect(copied).rejects.toMatchObject({
      name: 'DigestConflict',
      data: { tag: V1, existing: other.index.digest, wanted: SAMPLE.index.digest },
    });
    expect(source.calls).toHaveLength(0);
    expect(writes(destination)).toEqual(before);
  });

  it('names the repository that is missing, before a byte is moved', async () => {
    const empty = new MemoryRegistry();

    await expect(registries.copy(SAMPLE.index.digest, { to: empty })).rejects.toMatchObject({
      name: 'RepositoryMissing',
      data: { repository: TO },
    });
    expect(source.calls).toHaveLength(0);
  });

  it('says what the source does not hold', async () => {
    await expect(registries.copy(digestOf('nothing'))).rejects.toMatchObject({
      name: 'ArtifactMissing',
    });
    expect(writes(destination)).toHaveLength(0);
  });

  it('trusts bytes, not what the source says about them (T16)', async () => {
    const child = SAMPLE.manifests[0]?.digest;
    const lying: Registry = Object.assign(Object.create(source) as MemoryRegistry, {
      manifest: async (...[repository, reference]: Parameters<Registry['manifest']>) => {
        const manifest = await source.manifest(repository, reference);
        const more = reference === child ? '\n' : '';
        return { ...manifest, bytes: Buffer.concat([manifest.bytes, Buffer.from(more)]) };
      },
    });

    const copied = registries.copy(SAMPLE.index.digest, { from: lying });

    await expect(copied).rejects.toMatchObject({
      name: 'DigestMismatch',
      data: { expected: child },
    });
    expect(writes(destination)).toHaveLength(0);
  });

  it('tries a blob again as a whole where the line broke', async () => {
    destination.failNext('push', new RegistryUnavailable('cut'));

    const result = await registries.copy(SAMPLE.index.digest);

    expect(result).toMatchObject({ outcome: 'copied', blobs: { copied: 5 } });
  });

  it('continues in a next call when time runs out between two blobs', async () => {
    const outcomes: CopyResult[] = [];

    while (outcomes.length < 10 && outcomes.at(-1)?.outcome !== 'copied') {
      outcomes.push(
        await registries.copy(SAMPLE.index.digest, { remainingMilliseconds: () => 1000 }),
      );
    }

    expect(outcomes.length).toBeGreaterThan(1);
    expect(outcomes.slice(0, -1).every(({ blobs }) => blobs.copied > 0)).toBe(true);
    expect(outcomes.at(-1)?.outcome).toBe('copied');
    expect(outcomes.reduce((sum, { blobs }) => sum + blobs.copied, 0)).toBe(5);
    await registries.verify(SAMPLE.index.digest);
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

    await registries.copy(image.digest, { to: watched });

    expect(most).toBe(4);
  });
});
