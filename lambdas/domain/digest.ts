import { createHash, type Hash } from 'node:crypto';
import * as z from 'zod';

/**
 * A content digest as the OCI image specification writes it. Only SHA-256: it is the one algorithm
 * that ECR, S3 and every client share.
 */
export const Digest = z
  .string()
  .regex(/^sha256:[a-f0-9]{64}$/, 'a digest is written sha256: and 64 lower-case hex digits')
  .brand<'Digest'>();
export type Digest = z.infer<typeof Digest>;

/** The digest of exactly these bytes. */
export function digestOf(bytes: Uint8Array | string): Digest {
  return finishDigest(createHash('sha256').update(bytes));
}

export function startDigest(): Hash {
  return createHash('sha256');
}

export function finishDigest(hash: Hash): Digest {
  return Digest.parse(`sha256:${hash.digest('hex')}`);
}

/** The first 12 hex digits: enough for people, never for a comparison. */
export function shortDigest(digest: Digest): string {
  return digest.slice('sha256:'.length, 'sha256:'.length + 12);
}
