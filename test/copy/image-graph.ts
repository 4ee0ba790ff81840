import { Readable } from 'node:stream';
import fc from 'fast-check';
import { digestOf } from '../../lambdas/domain/digest.ts';
import type { RepositoryName, Version } from '../../lambdas/domain/names.ts';
import type { BlobDescriptor, Manifest, Registry } from '../../lambdas/ports/registry.ts';

const OCI = 'application/vnd.oci.image';

/** An image as a picture of itself: layers and configs are texts, children may be indexes again. */
export type Graph =
  | { readonly config: string; readonly layers: readonly string[] }
  | readonly Graph[];

/** Any image: indexes within indexes, layers shared, repeated, empty. The root may be a single image. */
export const anyGraph: fc.Arbitrary<Graph> = fc.letrec<{
  graph: Graph;
  image: Graph;
  index: Graph;
}>((tie) => ({
  graph: fc.oneof({ maxDepth: 3, depthSize: 'small' }, tie('image'), tie('index')),
  image: fc.record({
    config: fc.constantFrom('{}', '{"a":1}', '{"b":2}'),
    layers: fc.array(fc.oneof(fc.constantFrom('', 'shared', 'base layer'), fc.string()), {
      maxLength: 4,
    }),
  }),
  index: fc.array(tie('graph'), { maxLength: 3 }),
})).graph;

/** Pushes the whole graph and returns its root. */
export async function pushGraph(
  registry: Registry,
  repository: RepositoryName,
  graph: Graph,
  tag?: Version,
): Promise<Manifest> {
  const manifest = 'config' in graph ? await pushLeaf(registry, repository, graph) : undefined;
  const root = manifest ?? (await pushIndex(registry, repository, graph as readonly Graph[]));
  await registry.put(repository, root, tag);
  return root;
}

export async function pushBlob(
  registry: Registry,
  repository: RepositoryName,
  text: string,
): Promise<BlobDescriptor> {
  const bytes = Buffer.from(text);
  const blob = { digest: digestOf(bytes), size: bytes.length };
  await registry.push(repository, blob, Readable.from([bytes], { objectMode: false }));
  return blob;
}

async function pushLeaf(
  registry: Registry,
  repository: RepositoryName,
  graph: Exclude<Graph, readonly Graph[]>,
): Promise<Manifest> {
  const config = await pushBlob(registry, repository, graph.config);
  const layers: BlobDescriptor[] = [];
  for (const text of graph.layers) layers.push(await pushBlob(registry, repository, text));
  const mediaType = `${OCI}.layer.v1.tar`;
  return manifestOf(`${OCI}.manifest.v1+json`, {
    config: { mediaType: `${OCI}.config.v1+json`, ...config },
    layers: layers.map((layer) => ({ mediaType, ...layer })),
  });
}

async function pushIndex(
  registry: Registry,
  repository: RepositoryName,
  graphs: readonly Graph[],
): Promise<Manifest> {
  const children: Manifest[] = [];
  for (const graph of graphs) children.push(await pushGraph(registry, repository, graph));
  return manifestOf(`${OCI}.index.v1+json`, {
    manifests: children.map(({ mediaType, digest, bytes }) => ({
      mediaType,
      digest,
      size: bytes.length,
    })),
  });
}

export function manifestOf(mediaType: string, document: object): Manifest {
  const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType, ...document }, null, 2));
  return { digest: digestOf(bytes), mediaType, bytes };
}
