import { randomBytes } from 'node:crypto';
import { type Digest, digestOf } from '../../lambdas/domain/digest.ts';
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

export const FACTS = { commit: 'c0ffee', builder: 'https://ci.example/7?a=b c' };

export const describing = (bytes: Uint8Array): NewObject => ({
  bytes: bytes.length,
  digest: digestOf(bytes),
  facts: FACTS,
});

/** In pieces as a line delivers them, the last time before an error if one is given. */
export async function* pieces(
  bytes: Uint8Array,
  size = 65_536,
  until = bytes.length,
  error?: Error,
) {
  for (let at = 0; at < until; at += size) yield bytes.subarray(at, Math.min(until, at + size));
  if (error !== undefined) throw error;
}

export async function readAll(content: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of content) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** All that is there under the key, from a byte on. */
export async function contentAt(
  objects: Objects,
  key: string,
  from?: number,
): Promise<Buffer | undefined> {
  const object = await objects.head(key);
  if (object === undefined) return undefined;
  return readAll(await objects.read(object, from));
}

/** A key that no other test has. */
export const newKey = () =>
  `relay-${randomBytes(4).toString('hex')}/${randomBytes(20).toString('hex')}.tar.gz`;

/** Made when it is first asked for: a bucket that more than one contract holds for. */
export function sharing(make: () => Promise<ObjectsSubject>): () => Promise<ObjectsSubject> {
  let made: Promise<ObjectsSubject> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
