import { ConveyorError } from '../../../lambdas/domain/errors.ts';
import { printable } from '../../../lambdas/intake/tar-names.ts';

/** What is wrong with the tree, as `data.code`; `data.path` names where, from the tree's root. */
export type PackDefect =
  | 'not-a-folder'
  | 'empty'
  | 'git-folder'
  | 'unreadable'
  | 'special-file'
  | 'setuid'
  | 'unsafe-name'
  | 'look-alike'
  | 'absolute-link'
  | 'outside-link'
  | 'changed'
  | 'too-many-entries'
  | 'too-large'
  | 'bomb';

/** A folder cannot be packed as it is, or changed meanwhile. Nothing that was packed so far may be used. */
export class CannotPack extends ConveyorError {
  readonly source = 'user';
}

/** @param message goes on from the path: "is a socket" */
export function cannotPack(
  code: PackDefect,
  path: string | Uint8Array,
  message: string,
  fix: string,
  cause?: unknown,
): CannotPack {
  const shown = printable(path);
  return new CannotPack(`${shown} ${message}`, { data: { code, path: shown }, fix, cause });
}

/** Where the file system itself says no. Gone is changed: it was there when the tree was listed. */
export function asCannotPack(path: string, error: unknown): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : undefined;
  if (code === undefined || error instanceof CannotPack) return error;
  if (['ENOENT', 'ELOOP', 'ENOTDIR', 'ENXIO'].includes(code)) return changed(path, error);
  return cannotPack(
    'unreadable',
    path,
    `cannot be read (${code})`,
    'Give the user that packs the right to read it, or leave it out.',
    error,
  );
}

export const changed = (path: string, cause?: unknown) =>
  cannotPack(
    'changed',
    path,
    'changed while it was packed',
    'Let the build end before it is packed, and pack a folder that nothing writes to.',
    cause,
  );
