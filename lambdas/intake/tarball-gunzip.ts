import { Readable, promises as streams, Writable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { InvalidArtifact, invalidArtifact } from './invalid-artifact.ts';

/** ID1, ID2 and the one compression method (RFC 1952 §2.3.1). */
const MAGIC = [0x1f, 0x8b, 0x08];
/** Each step through the thread pool makes so much at most; it is also what a bomb can make unseen. */
const CHUNK_BYTES = 256 * 1024;

export interface GunzipTaps {
  /** Each chunk before it is unpacked. */
  readonly packed: (chunk: Uint8Array) => void;
  /** Each chunk that was unpacked, in order. */
  readonly unpacked: (chunk: Buffer) => void;
}

/**
 * Unpacks gzip of one or more members (RFC 1952 §2.2), to the last byte. What a tap throws ends it at once; the
 * source is then asked to return, and not waited for.
 * @throws InvalidArtifact empty, not-gzip, truncated, corrupt, trailing-garbage; what the source throws as it is
 */
export async function gunzipWhole(
  source: AsyncIterable<Uint8Array>,
  taps: GunzipTaps,
): Promise<void> {
  const gunzip = createGunzip({ chunkSize: CHUNK_BYTES });
  let fed = 0;

  async function* watched(): AsyncGenerator<Uint8Array> {
    for await (const chunk of source) {
      if (gunzip.readableEnded) throw trailing();
      requireMagic(chunk, fed);
      fed += chunk.length;
      taps.packed(chunk);
      yield chunk;
    }
    if (fed === 0) throw invalidArtifact('empty', 'The upload has no bytes');
  }
  const sink = new Writable({
    write(chunk: Buffer, _encoding, done) {
      try {
        taps.unpacked(chunk);
        done();
      } catch (error) {
        done(error instanceof Error ? error : new Error(String(error)));
      }
    },
  });

  try {
    await streams.pipeline(Readable.from(watched()), gunzip, sink);
  } catch (error) {
    throw asInvalid(error);
  }
  // Node drops what follows the last member if it begins with a zero (src/node_zlib.cc).
  if (gunzip.bytesWritten !== fed) throw trailing();
}

function requireMagic(chunk: Uint8Array, at: number): void {
  for (let index = at; index < MAGIC.length && index - at < chunk.length; index++)
    if (chunk[index - at] !== MAGIC[index])
      throw invalidArtifact('not-gzip', 'The upload does not begin as gzip does');
}

function asInvalid(error: unknown): unknown {
  if (error instanceof InvalidArtifact || !(error instanceof Error)) return error;
  const code = 'code' in error ? error.code : undefined;
  if (code === 'Z_BUF_ERROR')
    return invalidArtifact('truncated', 'The upload stops in the middle of a gzip member');
  // The first header was looked at already, so it is a later one that is none.
  if (code === 'Z_DATA_ERROR' && error.message === 'incorrect header check') return trailing();
  if (code === 'ERR_STREAM_PUSH_AFTER_EOF') return trailing();
  if (code === 'Z_DATA_ERROR' || code === 'Z_NEED_DICT')
    return invalidArtifact('corrupt', `The upload is damaged: ${error.message}`);
  return error;
}

const trailing = () =>
  invalidArtifact('trailing-garbage', 'There is more behind the end of the gzip stream');
