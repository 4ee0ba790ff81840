/** A part of a multipart upload, numbered from 1. */
export interface Part {
  readonly number: number;
  readonly bytes: Uint8Array;
}

/** So many parts are in memory at once, at most, and one more that is being filled. */
export const PARTS_AT_ONCE = 2;

/** As small as S3 takes: what is written at once also lies encrypted in memory until it is sent. */
const LEAST = 5 * 1024 ** 2;
/**
 * An upload has at most 10,000 parts, each but the last of 5 MiB or more (S3 user guide, "Multipart upload limits"). The
 * last number is kept for what the upload says of itself.
 */
const MOST_PARTS = 9_999;

/** Bytes of each part but the last, in whole MiB: an object of that size never has too many. */
export function partSize(bytes: number): number {
  const least = Math.ceil(bytes / MOST_PARTS / 1024 ** 2) * 1024 ** 2;
  return Math.max(LEAST, least);
}

/**
 * The same bytes in pieces of one size, the last of which may be smaller. Nothing where there are none. The memory of a
 * part is used again for the one that comes `PARTS_AT_ONCE + 1` later: what is to be kept longer must be copied.
 */
export async function* partsOf(
  content: AsyncIterable<Uint8Array>,
  size: number,
): AsyncGenerator<Part> {
  const buffers: Buffer[] = [];
  const bufferOf = (number: number) => {
    buffers[number % (PARTS_AT_ONCE + 1)] ??= Buffer.allocUnsafeSlow(size);
    return buffers[number % (PARTS_AT_ONCE + 1)] as Buffer;
  };
  let number = 1;
  let part = bufferOf(number);
  let filled = 0;
  for await (const chunk of content)
    for (let at = 0; at < chunk.length; ) {
      const taken = Math.min(chunk.length - at, size - filled);
      part.set(chunk.subarray(at, at + taken), filled);
      at += taken;
      filled += taken;
      if (filled < size) continue;
      yield { number, bytes: part };
      number += 1;
      part = bufferOf(number);
      filled = 0;
    }
  if (filled > 0) yield { number, bytes: part.subarray(0, filled) };
}
