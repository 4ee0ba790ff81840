import { decodeName, nameTrouble, printable } from '../../../lambdas/intake/tar-names.ts';
import { cannotPack } from './cannot-pack.ts';

/** The path of this name in this folder. @throws CannotPack where intake would not take it */
export function requireName(folder: string, name: Buffer): string {
  const bytes = folder === '' ? name : Buffer.concat([Buffer.from(`${folder}/`), name]);
  return requireText(bytes, bytes, 'has a name that', 'Rename it');
}

/** A link's target as text. @throws CannotPack where intake would not take it */
export function requireTarget(path: string, target: Buffer): string {
  return requireText(path, target, 'is a link whose target', 'Make the link anew');
}

function requireText(path: string | Buffer, bytes: Buffer, what: string, how: string): string {
  const text = decodeName(bytes);
  const trouble = text === undefined ? 'is not UTF-8' : nameTrouble(text);
  if (text !== undefined && trouble === undefined) return text;
  throw cannotPack(
    'unsafe-name',
    path,
    `${what} ${trouble}`,
    `${how}, in UTF-8, short enough, without control characters and backslashes.`,
  );
}

/**
 * Names of one folder that a file system without case (Windows, macOS) or with one Unicode form (macOS) takes for
 * the same: unpacked there, the second would overwrite the first. By their folders, since longer paths can only
 * meet where their folders do.
 * @throws CannotPack
 */
export function requireApart(siblings: readonly string[]): void {
  const seen = new Map<string, string>();
  for (const path of siblings) {
    const key = folded(path);
    const other = seen.get(key);
    if (other !== undefined)
      throw cannotPack(
        'look-alike',
        path,
        `differs from ${printable(other)} only in case or in how Unicode writes it: unpacked on another file system one would overwrite the other`,
        'Rename one of them.',
      );
    seen.set(key, path);
  }
}

/** Near to Unicode's full case folding (§3.13, caseless matching), which JavaScript does not have. */
const folded = (name: string) => name.normalize('NFD').toUpperCase().toLowerCase().normalize('NFC');
