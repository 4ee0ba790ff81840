import { type Digest, finishDigest, startDigest } from '../domain/digest.ts';
import { invalidArtifact } from './invalid-artifact.ts';
import { TarJudge } from './tar-judge.ts';
import { TarReader } from './tar-reader.ts';
import { gunzipWhole } from './tarball-gunzip.ts';
import { isBomb, TARBALL_LIMITS, type TarballLimits } from './tarball-limits.ts';

/** What an uploaded tarball is. */
export interface TarballFacts {
  /** Of the upload as it is: what is promoted, copied and checked on every host. */
  readonly digest: Digest;
  /** Of the upload. */
  readonly bytes: number;
  /** Of the tar stream inside, which is the same however it was compressed. */
  readonly contentDigest: Digest;
  /** Files, folders and links in the archive, its root not counted. */
  readonly entries: number;
  /** Of all files' contents. */
  readonly unpackedBytes: number;
}

/**
 * Judges an uploaded `.tar.gz` in one pass, nothing written anywhere, and says what it is. It stops reading at the
 * first reason to refuse. Memory: a few chunks, and the names of its entries (see the limits).
 * @throws InvalidArtifact with the reason as `data.code`; what reading the upload throws as it is
 */
export async function inspectTarball(
  bytes: AsyncIterable<Uint8Array>,
  limits: Partial<TarballLimits> = {},
): Promise<TarballFacts> {
  const bounds = { ...TARBALL_LIMITS, ...limits };
  const packed = { hash: startDigest(), bytes: 0 };
  const unpacked = { hash: startDigest(), bytes: 0 };
  const judge = new TarJudge(bounds);
  const reader = new TarReader((entry) => judge.take(entry));

  await gunzipWhole(bytes, {
    packed(chunk) {
      packed.bytes += chunk.length;
      if (packed.bytes > bounds.maxBytes)
        throw invalidArtifact('too-large', `The upload has more than ${bounds.maxBytes} bytes`);
      packed.hash.update(chunk);
    },
    unpacked(chunk) {
      unpacked.bytes += chunk.length;
      if (isBomb(unpacked.bytes, packed.bytes, bounds))
        throw invalidArtifact(
          'bomb',
          `The first ${packed.bytes} bytes unpack to more than ${unpacked.bytes}`,
        );
      unpacked.hash.update(chunk);
      reader.write(chunk);
    },
  });
  if (unpacked.bytes === 0) throw invalidArtifact('empty', 'The upload unpacks to no bytes');
  reader.end();
  judge.finish();

  return {
    digest: finishDigest(packed.hash),
    bytes: packed.bytes,
    contentDigest: finishDigest(unpacked.hash),
    entries: judge.entries,
    unpackedBytes: judge.unpackedBytes,
  };
}
