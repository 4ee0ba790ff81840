import { TAR_BLOCK } from '../../../lambdas/intake/tar-header.ts';
import type { PlannedEntry } from './plan-tree.ts';
import { PlannedFile } from './planned-file.ts';
import { writeHeader } from './write-header.ts';

/**
 * So much of the tar stream becomes one gzip member. Fixed, so that the bytes do not depend on the machine; 32 times
 * deflate's window, so that starting anew costs little.
 */
export const MEMBER_BYTES = 1024 ** 2;

/**
 * The tar stream of these entries, in blocks of MEMBER_BYTES and a last one that may be shorter. Contents are read
 * straight into the block they are sent in.
 * @param spare blocks that the receiver has done with, to be filled again; it adds to them as it goes
 * @throws CannotPack where a file cannot be read, or is not what it was when the tree was listed
 */
export async function* tarBlocks(
  root: string,
  entries: readonly PlannedEntry[],
  spare: Buffer[] = [],
): AsyncGenerator<Buffer> {
  const fresh = () => spare.pop() ?? Buffer.allocUnsafe(MEMBER_BYTES);
  let block = fresh();
  let at = 0;
  for (const part of parts(root, entries)) {
    for (;;) {
      if (at === MEMBER_BYTES) {
        yield block;
        block = fresh();
        at = 0;
      }
      const got = await part.read(block.subarray(at));
      if (got === 0) break;
      at += got;
    }
  }
  if (at > 0) yield block.subarray(0, at);
}

interface Part {
  /** Fills as much as it has and there is room for; 0 at its end. */
  readonly read: (into: Buffer) => number | Promise<number>;
}

function* parts(root: string, entries: readonly PlannedEntry[]): Generator<Part> {
  for (const entry of entries) {
    yield bytes(writeHeader(entry));
    if (entry.kind !== 'file') continue;
    const file = new PlannedFile(root, entry);
    try {
      yield file;
      file.requireSame();
    } finally {
      file.close();
    }
    yield zeros((TAR_BLOCK - (entry.size % TAR_BLOCK)) % TAR_BLOCK);
  }
  yield zeros(2 * TAR_BLOCK);
}

function bytes(content: Buffer): Part {
  let at = 0;
  return {
    read(into) {
      const got = content.copy(into, 0, at);
      at += got;
      return got;
    },
  };
}

const zeros = (length: number) => bytes(Buffer.alloc(length));
