import { Digest } from '../domain/digest.ts';
import { DigestMismatch } from '../domain/errors.ts';
import type { NewObject, StoredObject } from '../ports/objects.ts';

/** User metadata of an object (`x-amz-meta-…`); the facts are each under this prefix. */
const PREFIX = 'conveyor-';
const DIGEST = `${PREFIX}digest`;
const PART_SIZE = `${PREFIX}part-size`;

/** What an object is stored with; `partSize` in bytes, where it goes in parts. */
export function metadataOf(
  { digest, facts }: NewObject,
  partSize?: number,
): Record<string, string> {
  const named = Object.entries(facts).map(([name, value]) => [`${PREFIX}${name}`, value]);
  return {
    ...Object.fromEntries(named),
    [DIGEST]: digest,
    ...(partSize !== undefined && { [PART_SIZE]: String(partSize) }),
  };
}

/** What metadata says, whoever wrote it. */
export function readMetadata(
  metadata: Readonly<Record<string, string>>,
): Pick<StoredObject, 'digest' | 'facts' | 'partSize'> {
  const { [DIGEST]: told, [PART_SIZE]: size, ...others } = metadata;
  const digest = Digest.safeParse(told).data;
  const facts = Object.entries(others).flatMap(([name, value]) =>
    name.startsWith(PREFIX) ? [[name.slice(PREFIX.length), value]] : [],
  );
  return {
    ...(digest !== undefined && { digest }),
    ...(/^[1-9]\d{0,15}$/.test(size ?? '') && { partSize: Number(size) }),
    facts: Object.fromEntries(facts),
  };
}

/** As S3 writes checksums. */
export const base64Of = (digest: Digest): string => bytesOf(digest).toString('base64');

/** A digest's own 32 bytes: S3's composite checksum is made of these ("Checking object integrity", S3 user guide). */
export const bytesOf = (digest: Digest): Buffer =>
  Buffer.from(digest.slice('sha256:'.length), 'hex');

/** Of a checksum as S3 writes it; undefined for a composite one, which is of no bytes. */
export function digestIn(checksum: string | undefined): Digest | undefined {
  const hex = Buffer.from(checksum ?? '', 'base64').toString('hex');
  return checksum?.includes('-') ? undefined : Digest.safeParse(`sha256:${hex}`).data;
}

/** @throws DigestMismatch where what came is not what was announced */
export function requireSame(key: string, wanted: NewObject, bytes: number, digest: Digest): void {
  if (bytes === wanted.bytes && digest === wanted.digest) return;
  throw new DigestMismatch(
    `${key} came as ${digest} of ${bytes} bytes, not ${wanted.digest} of ${wanted.bytes}`,
    {
      data: { key, expected: wanted.digest, actual: digest, bytes },
      fix: 'The source delivers other bytes than it did: build and push it again.',
    },
  );
}
