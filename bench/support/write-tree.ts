import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const FILE_BYTES = 250_000;

/**
 * A folder as builds leave them: three files of text for one that does not compress, a hundred in each folder. The same bytes in
 * every run.
 */
export function writeTree(root: string, megabytes: number): void {
  const next = generator(1);
  const words = Array.from({ length: 4_096 }, () =>
    next()
      .toString(36)
      .slice(0, 3 + (next() % 8)),
  );
  for (let i = 0; i * FILE_BYTES < megabytes * 1_000_000; i++) {
    const folder = join(root, `module-${Math.floor(i / 100)}`);
    mkdirSync(folder, { recursive: true });
    const bytes = Buffer.alloc(FILE_BYTES);
    if (i % 4 === 3)
      for (let at = 0; at + 4 <= FILE_BYTES; at += 4) bytes.writeUInt32LE(next(), at);
    else for (let at = 0; at < FILE_BYTES; ) at += bytes.write(`${words[next() % 4_096]} `, at);
    writeFileSync(join(folder, `file-${i}`), bytes);
  }
}

/** xorshift32. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state;
  };
}
