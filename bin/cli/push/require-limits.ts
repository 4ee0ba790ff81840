import type { TarballLimits } from '../../../lambdas/intake/tarball-limits.ts';
import { isBomb } from '../../../lambdas/intake/tarball-limits.ts';
import { cannotPack } from './cannot-pack.ts';
import type { PlannedEntry } from './plan-tree.ts';

const LEAVE_OUT = 'Leave out what the service does not need.';

/** Counts what is listed against intake's limits. Returns the bytes of all files. @throws CannotPack */
export function requireListed(
  root: string,
  entries: readonly PlannedEntry[],
  limits: TarballLimits,
): number {
  let unpackedBytes = 0;
  let characters = 0;
  for (const { path, size, target } of entries) {
    unpackedBytes += size;
    characters += path.length - path.lastIndexOf('/') - 1 + target.length;
    if (unpackedBytes > limits.maxUnpackedBytes)
      throw cannotPack(
        'too-large',
        path,
        `with its ${size} bytes goes beyond the ${limits.maxUnpackedBytes} of a tarball`,
        LEAVE_OUT,
      );
    if (characters > limits.maxNameCharacters)
      throw cannotPack(
        'too-many-entries',
        path,
        `brings all names over ${limits.maxNameCharacters} characters`,
        LEAVE_OUT,
      );
  }
  if (!entries.some(({ kind }) => kind === 'file'))
    throw cannotPack('empty', root, 'has no file to pack', 'Name the folder the build wrote to.');
  return unpackedBytes;
}

/** What only compressing shows. @throws CannotPack */
export function requirePacked(
  root: string,
  unpacked: number,
  packed: number,
  limits: TarballLimits,
): void {
  if (packed > limits.maxBytes)
    throw cannotPack('too-large', root, `packs to more than ${limits.maxBytes} bytes`, LEAVE_OUT);
  if (isBomb(unpacked, packed, limits))
    throw cannotPack(
      'bomb',
      root,
      `becomes more than ${limits.maxRatio} times smaller, which intake takes for a decompression bomb`,
      'Leave out files that are mostly zeros or padding.',
    );
}
