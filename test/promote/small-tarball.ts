import { gzipSync } from 'node:zlib';

const BLOCK = 512;

/** A tarball of one file (POSIX.1-1988 ustar). Stored, not compressed, so that it is the same with every zlib. */
export function smallTarball(content: string): Buffer {
  const bytes = Buffer.from(content);
  const header = Buffer.alloc(BLOCK);
  const fields: readonly [at: number, text: string][] = [
    [0, 'app'],
    [100, '0000644\0'],
    [108, '0000000\0'],
    [116, '0000000\0'],
    [124, `${bytes.length.toString(8).padStart(11, '0')}\0`],
    [136, '00000000000\0'],
    [148, '        '],
    [156, '0'],
    [257, 'ustar\0'],
    [263, '00'],
  ];
  for (const [at, text] of fields) header.write(text, at, 'latin1');
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  const padding = Buffer.alloc((BLOCK - (bytes.length % BLOCK)) % BLOCK);
  return gzipSync(Buffer.concat([header, bytes, padding, Buffer.alloc(2 * BLOCK)]), { level: 0 });
}
