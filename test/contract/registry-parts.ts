import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { digestOf } from '../../lambdas/domain/digest.ts';
import { RepositoryName } from '../../lambdas/domain/names.ts';
import type { BlobDescriptor, Manifest } from '../../lambdas/ports/registry.ts';

export const IMAGE = 'application/vnd.oci.image.manifest.v1+json';
export const INDEX = 'application/vnd.oci.image.index.v1+json';

export function randomRepository(): RepositoryName {
  return RepositoryName.parse(`contract/${randomHex()}`);
}

export function randomHex(): string {
  return randomBytes(8).toString('hex');
}

export function describeBlob(bytes: Buffer): BlobDescriptor {
  return { digest: digestOf(bytes), size: bytes.length };
}

export function imageManifest(config: BlobDescriptor, layers: readonly BlobDescriptor[]): Manifest {
  const mediaType = (type: string) => `application/vnd.oci.image.${type}`;
  return asManifest(IMAGE, {
    schemaVersion: 2,
    mediaType: IMAGE,
    config: { mediaType: mediaType('config.v1+json'), ...config },
    layers: layers.map((layer) => ({ mediaType: mediaType('layer.v1.tar'), ...layer })),
  });
}

export function indexManifest(children: readonly Manifest[]): Manifest {
  const manifests = children.map(({ mediaType, digest, bytes }) => {
    return { mediaType, digest, size: bytes.length };
  });
  return asManifest(INDEX, { schemaVersion: 2, mediaType: INDEX, manifests });
}

function asManifest(mediaType: string, document: unknown): Manifest {
  // Unusual white space: a registry or client that writes JSON anew is found out.
  const bytes = Buffer.from(`${JSON.stringify(document, null, 3)}\n`);
  return { digest: digestOf(bytes), mediaType, bytes };
}

export function flip(bytes: Buffer): Buffer {
  const damaged = Buffer.from(bytes);
  damaged.writeUInt8(damaged.readUInt8(damaged.length - 1) ^ 1, damaged.length - 1);
  return damaged;
}

export function inChunks(bytes: Buffer): Readable {
  const chunks = Array.from({ length: Math.ceil(bytes.length / 64_000) }, (_, at) =>
    bytes.subarray(at * 64_000, (at + 1) * 64_000),
  );
  return Readable.from(chunks, { objectMode: false });
}

export function breaking(bytes: Buffer, error: Error): Readable {
  async function* body(): AsyncGenerator<Buffer> {
    yield bytes;
    throw error;
  }
  return Readable.from(body(), { objectMode: false });
}

export async function readAll(body: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of body as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
}
