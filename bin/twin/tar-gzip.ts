import { gzipSync } from 'node:zlib';

export interface TarFile {
  /** Relative, at most 100 characters. */
  readonly path: string;
  readonly mode: number;
  readonly text: string | Buffer;
}

const BLOCK = 512;
/** gzip's "unknown operating system" (RFC 1952 §2.3): the byte would else tell macOS from Linux. */
const OS_BYTE = 9;
const OS_UNKNOWN = 255;

/** A ustar archive (POSIX.1-1988) of these files, all of them from 1970 and root's, so that its digest is stable. */
export function tar(files: readonly TarFile[]): Buffer {
  return Buffer.concat([...files.flatMap(entry), Buffer.alloc(2 * BLOCK)]);
}

/** Stored, not compressed: what deflate makes differs between zlib's versions and processors. */
export function gzipStored(bytes: Buffer): Buffer {
  const zipped = gzipSync(bytes, { level: 0 });
  zipped.writeUInt8(OS_UNKNOWN, OS_BYTE);
  return zipped;
}

function entry({ path, mode, text }: TarFile): Buffer[] {
  const content = typeof text === 'string' ? Buffer.from(text) : text;
  const padding = Buffer.alloc((BLOCK - (content.length % BLOCK)) % BLOCK);
  return [header(path, mode, content.length), content, padding];
}

function header(path: string, mode: number, size: number): Buffer {
  const block = Buffer.alloc(BLOCK);
  const octal = (value: number, digits: number): string => value.toString(8).padStart(digits, '0');
  block.write(path, 0, 100);
  block.write(octal(mode, 7), 100);
  block.write(octal(0, 7), 108);
  block.write(octal(0, 7), 116);
  block.write(octal(size, 11), 124);
  block.write(octal(0, 11), 136);
  block.write('        ', 148);
  block.write('0', 156);
  block.write('ustar\0' + '00', 257);
  const checksum = block.reduce((sum, byte) => sum + byte, 0);
  block.write(`${octal(checksum, 6)}\0 `, 148);
  return block;
}
