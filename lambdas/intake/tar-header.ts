import { invalidArtifact } from './invalid-artifact.ts';
import { printable } from './tar-names.ts';

/** Tar's unit: a header is one block, contents are padded to whole ones (POSIX.1-2017, pax, "ustar Interchange Format"). */
export const TAR_BLOCK = 512;

/** A header's fields as they stand in the block; names are bytes until somebody has looked at them. */
export interface TarHeader {
  /** The type flag, one character. */
  readonly type: string;
  readonly name: Buffer;
  readonly link: Buffer;
  readonly size: number;
  readonly mode: number;
}

const MAGIC = { from: 257, to: 263 };
const PREFIX = { from: 345, to: 500 };
const CHECKSUM = { from: 148, to: 156 };

/**
 * Reads a header block, or nothing where its checksum is wrong.
 * @throws InvalidArtifact corrupt, unsupported: where readers of tar would not agree on what it says
 */
export function readHeader(block: Buffer): TarHeader | undefined {
  if (octal(block.subarray(CHECKSUM.from, CHECKSUM.to)) !== checksumOf(block)) return undefined;
  const name = untilNul(block.subarray(0, 100));
  const prefix = block.subarray(PREFIX.from, PREFIX.to);
  const isPosix = block.toString('latin1', MAGIC.from, MAGIC.to) === 'ustar\0';
  // Older formats keep times there; GNU tar ignores them, Python's tarfile reads them as a folder.
  if (!isPosix && prefix.some((byte) => byte !== 0))
    throw invalidArtifact(
      'unsupported',
      `Entry ${printable(name)} has a prefix that only some readers see`,
    );
  const folder = isPosix ? untilNul(prefix) : prefix.subarray(0, 0);
  return {
    type: block.toString('latin1', 156, 157),
    name: folder.length === 0 ? name : Buffer.concat([folder, Buffer.from('/'), name]),
    link: untilNul(block.subarray(157, 257)),
    size: number(block.subarray(124, 136), name, 'size'),
    mode: number(block.subarray(100, 108), name, 'mode'),
  };
}

export function untilNul(field: Buffer): Buffer {
  const end = field.indexOf(0);
  return end === -1 ? field : field.subarray(0, end);
}

/** The sum of all bytes, the checksum's own taken for spaces. */
export function checksumOf(block: Buffer): number {
  let sum = 0;
  for (let at = 0; at < TAR_BLOCK; at++)
    sum += at >= CHECKSUM.from && at < CHECKSUM.to ? 0x20 : (block[at] ?? 0);
  return sum;
}

function number(field: Buffer, name: Buffer, what: string): number {
  const value = field[0] === 0x80 ? base256(field) : octal(field);
  if (value !== undefined && Number.isSafeInteger(value)) return value;
  throw invalidArtifact('corrupt', `Entry ${printable(name)} has a ${what} that is no number`);
}

/** Digits, then spaces or NULs, or all blank. Digits behind a NUL are a number to GNU tar and none to others. */
function octal(field: Buffer): number | undefined {
  const digits = /^ *([0-7]*)[ \0]*$/.exec(field.toString('latin1'))?.[1];
  return digits === undefined ? undefined : Number.parseInt(`0${digits}`, 8);
}

/** GNU's way to write what octal digits cannot hold ("Extensions to the tar format" in its manual). */
function base256(field: Buffer): number {
  return field.subarray(1).reduce((value, byte) => value * 256 + byte, 0);
}
