import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pushImage } from '../../bin/twin/push-image.ts';
import { sampleImage } from '../../bin/twin/sample-image.ts';
import { anyGraph, pushGraph } from './image-graph.ts';
import { FROM, TO, twoRegistries, V1, writes } from './two-registries.ts';

const SAMPLE = sampleImage({ service: 'shop', version: '1.0.0' });

describe('any image', () => {
  it('arrives byte for byte; the second time nothing moves', async () => {
    await fc.assert(
      fc.asyncProperty(anyGraph, async (graph) => {
        const registries = twoRegistries();
        const { source, destination } = registries;
        const root = await pushGraph(source, FROM, graph, V1);

        const first = await registries.copy(root.digest);
        const { children } = await registries.verify(root.digest);
        const moved = writes(destination).length;
        const second = await registries.copy(root.digest);

        expect(destination.contents(TO)).toEqual(source.contents(FROM));
        expect(first.manifests).toBe(children.length + 1);
        expect(second).toMatchObject({ outcome: 'already-present', bytes: 0 });
        expect(writes(destination)).toHaveLength(moved);
      }),
      { numRuns: 200 },
    );
  });

  it('is whole after a crash at any call, before or after its effect, and a second run', async () => {
    const crash = new Error('crashed');
    for (const side of ['source', 'destination'] as const) {
      for (const when of ['before', 'after'] as const) {
        for (let skip = 0; ; skip++) {
          const registries = twoRegistries();
          const { source, destination } = registries;
          await pushImage({ registry: source, repository: FROM, tag: V1, image: SAMPLE });
          const crashing = side === 'source' ? source : destination;
          crashing.failNext(undefined, crash, { skip, when });
          const outcome: unknown = await registries
            .copy(SAMPLE.index.digest)
            .catch((error: unknown) => error);
          if (outcome !== crash) {
            expect(skip).toBeGreaterThan(7);
            break;
          }
          const tagged = destination.contents(TO).tags[V1] !== undefined;
          if (tagged) await registries.verify(SAMPLE.index.digest);

          await registries.copy(SAMPLE.index.digest);

          expect(destination.contents(TO)).toEqual(source.contents(FROM));
        }
      }
    }
  });

  it('with one damaged bit anywhere is never tagged, and the damage never stored', async () => {
    const parts = [...SAMPLE.blobs, ...SAMPLE.manifests, SAMPLE.index];
    for (const { digest } of parts) {
      const registries = twoRegistries();
      const { source, destination } = registries;
      await pushImage({ registry: source, repository: FROM, tag: V1, image: SAMPLE });
      source.corrupt(FROM, digest);

      const copied = registries.copy(SAMPLE.index.digest);

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
