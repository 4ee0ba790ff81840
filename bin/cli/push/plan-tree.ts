import { lstatSync, readdirSync, readlinkSync, type Stats, statSync } from 'node:fs';
import type { TarballLimits } from '../../../lambdas/intake/tarball-limits.ts';
import { asCannotPack, cannotPack } from './cannot-pack.ts';
import { requireApart, requireName, requireTarget } from './require-names.ts';

/** What a caller leaves out; a folder with all that is in it. Sockets, pipes and devices are asked about as files. */
export type Ignore = (path: string, kind: PlannedEntry['kind']) => boolean;

export interface PlannedEntry {
  /** From the root, with slashes, none at its end. */
  readonly path: string;
  readonly kind: 'file' | 'folder' | 'link';
  readonly executable: boolean;
  /** 0 unless it is a file. */
  readonly size: number;
  /** Of a link. */
  readonly target: string;
  readonly modifiedMs: number;
}

const OWNER_EXECUTES = 0o100;
const SETUID_SETGID_STICKY = 0o7000;

/**
 * Lists a tree in the order of its archive: by the UTF-8 bytes of the names in it, where a folder's ends in a slash.
 * Synchronous, as reading small files is (see planned-file.ts): what a build has just written is in memory, and each
 * trip through Node's thread pool costs more than the call.
 * @throws CannotPack
 */
export function planTree(root: string, ignore: Ignore, limits: TarballLimits): PlannedEntry[] {
  requireFolder(root);
  const entries: PlannedEntry[] = [];
  const visit = (folder: string): void => {
    const children = list(root, folder, ignore);
    requireApart(children.map(({ path }) => path));
    for (const child of children) {
      entries.push(child);
      if (entries.length > limits.maxEntries)
        throw cannotPack(
          'too-many-entries',
          child.path,
          `is beyond the ${limits.maxEntries} files, folders and links of a tarball`,
          'Leave out what the service does not need, or bundle small files.',
        );
      if (child.kind === 'folder') visit(child.path);
    }
  };
  visit('');
  return entries;
}

function list(root: string, folder: string, ignore: Ignore): PlannedEntry[] {
  const names = guard(folder === '' ? root : folder, () =>
    readdirSync(`${root}/${folder}`, { encoding: 'buffer' }),
  );
  return names
    .map((name) => requireName(folder, name))
    .flatMap((path) => plan(root, path, ignore) ?? [])
    .map((entry) => ({ entry, key: Buffer.from(nameInArchive(entry)) }))
    .sort((a, b) => Buffer.compare(a.key, b.key))
    .map(({ entry }) => entry);
}

export const nameInArchive = ({ path, kind }: PlannedEntry) =>
  kind === 'folder' ? `${path}/` : path;

function plan(root: string, path: string, ignore: Ignore): PlannedEntry | undefined {
  const stats = guard(path, () => lstatSync(`${root}/${path}`));
  const kind = kindOf(stats);
  if (ignore(path, kind ?? 'file')) return undefined;
  if (kind === undefined)
    throw cannotPack('special-file', path, 'is a socket, pipe or device', 'Leave it out.');
  if (path === '.git')
    throw cannotPack(
      'git-folder',
      path,
      'is the repository, not what was built from it',
      'Pack the folder the build writes to, or ignore .git if the sources are the artifact.',
    );
  if (kind === 'file' && (stats.mode & SETUID_SETGID_STICKY) !== 0)
    throw cannotPack(
      'setuid',
      path,
      'is setuid, setgid or sticky, which no release carries',
      'Remove the bits: chmod u-s,g-s,-t.',
    );
  return {
    path,
    kind,
    executable: kind === 'file' && (stats.mode & OWNER_EXECUTES) !== 0,
    size: kind === 'file' ? stats.size : 0,
    target: kind === 'link' ? readTarget(root, path) : '',
    modifiedMs: stats.mtimeMs,
  };
}

function kindOf(stats: Stats): PlannedEntry['kind'] | undefined {
  if (stats.isFile()) return 'file';
  if (stats.isDirectory()) return 'folder';
  return stats.isSymbolicLink() ? 'link' : undefined;
}

function requireFolder(root: string): void {
  const stats = guard(root, () => statSync(root, { throwIfNoEntry: false }));
  if (stats?.isDirectory()) return;
  throw cannotPack(
    'not-a-folder',
    root,
    stats === undefined ? 'does not exist' : 'is not a folder',
    'Name the folder the build wrote to.',
  );
}

function readTarget(root: string, path: string): string {
  const target = guard(path, () => readlinkSync(`${root}/${path}`, { encoding: 'buffer' }));
  return requireTarget(path, target);
}

function guard<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw asCannotPack(path, error);
  }
}
