import { type InvalidArtifact, invalidArtifact } from './invalid-artifact.ts';
import type { TarEntry } from './tar-entries.ts';
import { decodeName, nameTrouble, printable, segmentsOf } from './tar-names.ts';
import { climbsOut, TarTree } from './tar-tree.ts';
import type { TarballLimits } from './tarball-limits.ts';

const SETUID_SETGID_STICKY = 0o7000;
const SLASH = 0x2f;

/**
 * Judges the entries of a tarball in their order, and its links once more at its end, when all that they lead
 * through is known. What it lets through can be unpacked by any reader of tar, with the same result, inside one
 * folder (threat T16).
 */
export class TarJudge {
  readonly #limits: TarballLimits;
  readonly #tree = new TarTree();
  readonly #unsure: { readonly path: string; readonly target: string }[] = [];
  #files = 0;
  /** Entries read, the root's own not counted. */
  entries = 0;
  /** Of all files' contents, in bytes. */
  unpackedBytes = 0;

  constructor(limits: TarballLimits) {
    this.#limits = limits;
  }

  /** @throws InvalidArtifact */
  take(entry: TarEntry): void {
    const path = requirePath(entry);
    if ((entry.mode & SETUID_SETGID_STICKY) !== 0)
      throw refuse('setuid', path, `has mode ${entry.mode.toString(8)}`);
    const kind = kindOf(entry, path);
    if (kind !== 'file' && entry.size > 0)
      throw refuse('unsupported', path, `is a ${kind} with contents`);
    if (segmentsOf(path).length === 0) {
      if (kind !== 'folder') throw refuse('unsafe-name', path, `is a ${kind} in the root's place`);
    } else this.entries += 1;

    if (kind === 'hard link') this.#addHardLink(path, requireText(entry.link, path));
    else if (kind === 'link') this.#addLink(path, requireText(entry.link, path));
    else this.#add(path, kind);
    if (kind === 'file') this.#countFile(path, entry.size);
  }

  /** After the last entry. @throws InvalidArtifact */
  finish(): void {
    for (const { path, target } of this.#unsure)
      if (!this.#tree.follow(path, target).inside) throw leadsOut(path, target);
    if (this.#files === 0) throw invalidArtifact('empty', 'The tarball has no file in it');
  }

  #add(path: string, kind: 'folder' | 'file' | 'link', target?: string): void {
    const blocker = this.#tree.add(path, kind, target);
    if (blocker !== undefined)
      throw refuse(
        'duplicate',
        path,
        blocker === path
          ? 'is there twice'
          : `lies under ${printable(blocker)}, which is no folder`,
      );
    const { maxEntries, maxNameCharacters } = this.#limits;
    if (this.#tree.count > maxEntries)
      throw refuse('too-many-entries', path, `is beyond the ${maxEntries} that are taken`);
    if (this.#tree.characters > maxNameCharacters)
      throw refuse(
        'too-many-entries',
        path,
        `brings all names over ${maxNameCharacters} characters`,
      );
  }

  #addLink(path: string, target: string): void {
    if (target.startsWith('/') || climbsOut(path, target)) throw leadsOut(path, target);
    this.#add(path, 'link', target);
    const { inside, sure } = this.#tree.follow(path, target);
    if (!sure) this.#unsure.push({ path, target });
    else if (!inside) throw leadsOut(path, target);
  }

  /** A further name of something that came before; its target is a path of the archive, whatever folder it is in. */
  #addHardLink(path: string, target: string): void {
    if (target.startsWith('/')) throw leadsOut(path, target);
    if (target.split('/').includes('..'))
      throw refuse('traversal', path, `is a hard link to ${printable(target)}`);
    const original = this.#tree.find(target);
    if (original === undefined || original.kind === 'folder')
      throw refuse(
        'outside-link',
        path,
        `is a hard link to ${printable(target)}, which is no earlier file of the tarball`,
      );
    // The same link in another folder leads somewhere else.
    if (original.target !== undefined) this.#addLink(path, original.target);
    else this.#add(path, 'file');
  }

  #countFile(path: string, size: number): void {
    this.#files += 1;
    this.unpackedBytes += size;
    const { maxUnpackedBytes } = this.#limits;
    if (this.unpackedBytes > maxUnpackedBytes)
      throw refuse('bomb', path, `with its ${size} bytes goes beyond ${maxUnpackedBytes} unpacked`);
  }
}

function requirePath({ path: bytes, shortPath }: TarEntry): string {
  const path = requireText(bytes, printable(bytes));
  if (path.startsWith('/') || shortPath[0] === SLASH)
    throw refuse('absolute-path', path, 'has an absolute path');
  if (hasDotDot(path) || hasDotDot(shortPath.toString('latin1')))
    throw refuse('traversal', path, 'has .. in its path');
  return path;
}

function requireText(bytes: Uint8Array, path: string): string {
  const text = decodeName(bytes);
  if (text === undefined) throw refuse('unsafe-name', path, 'has a name that is not UTF-8');
  const trouble = nameTrouble(text);
  if (trouble !== undefined) throw refuse('unsafe-name', path, `has a name that ${trouble}`);
  return text;
}

type Kind = 'folder' | 'file' | 'link' | 'hard link';

function kindOf({ type, size }: TarEntry, path: string): Kind {
  const slashed = path.endsWith('/');
  // Before ustar a folder was an empty file whose name ends in a slash.
  if (type === '5' || (type === '\0' && slashed && size === 0)) return 'folder';
  if (type === '1') return 'hard link';
  if (type === '2') return 'link';
  if ((type === '0' || type === '\0') && !slashed) return 'file';
  if (['3', '4', '6'].includes(type)) throw refuse('device', path, 'is a device or a pipe');
  throw refuse('unsupported', path, `is of type ${printable(type)}`);
}

const hasDotDot = (path: string) => path.split('/').includes('..');

const leadsOut = (path: string, target: string) =>
  refuse(
    'outside-link',
    path,
    `is a link to ${printable(target)}, which leads out of the tarball or in a circle`,
  );

function refuse(
  code: Parameters<typeof invalidArtifact>[0],
  path: string,
  what: string,
): InvalidArtifact {
  return invalidArtifact(code, `Entry ${printable(path)} ${what}`, { path: printable(path) });
}
