import { type Digest, finishDigest, startDigest } from '../domain/digest.ts';
import { ArtifactMissing, DigestMismatch } from '../domain/errors.ts';
import type { Clock } from '../ports/clock.ts';
import type { Objects } from '../ports/objects.ts';
import { readObject } from './read-object.ts';

export interface VerifyTarball {
  readonly objects: Objects;
  readonly key: string;
  readonly digest: Digest;
  readonly clock: Clock;
}

/**
 * Reads a tarball back, all of it, and compares what it is with what it must be. What the bucket says of it is not asked.
 * @throws DigestMismatch, ArtifactMissing, Unavailable, StoreRefused
 */
export async function verifyTarball(request: VerifyTarball): Promise<{ readonly bytes: number }> {
  const { objects, key, digest, clock } = request;
  const object = await objects.head(key);
  if (object === undefined)
    throw new ArtifactMissing(`${key} is missing`, {
      data: { key, digest },
      fix: 'Promote it again: what is missing will be copied.',
    });
  const hash = startDigest();
  let bytes = 0;
  for await (const chunk of readObject(objects, object, clock)) {
    hash.update(chunk);
    bytes += chunk.length;
  }
  const actual = finishDigest(hash);
  if (actual === digest) return { bytes };
  throw new DigestMismatch(`${key} reads back as ${actual}, not ${digest}`, {
    data: { key, expected: digest, actual },
    fix: 'Somebody wrote over it: remove it from the bucket, and promote it again.',
  });
}
