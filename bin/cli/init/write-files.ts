import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Conflict } from '../../../lambdas/domain/errors.ts';

export interface NewFile {
  /** From the folder, with slashes. */
  readonly file: string;
  readonly text: string;
}

export interface Written {
  readonly file: string;
  readonly outcome: 'written' | 'unchanged' | 'replaced';
}

/**
 * Writes all of them, or none. What is there and says the same is left as it is.
 * @throws Conflict that names every file which says something else, unless it is to be replaced
 */
export function writeFiles(root: string, files: readonly NewFile[], force: boolean): Written[] {
  const planned = files.map(({ file, text }) => {
    const path = join(root, file);
    const there = existsSync(path) ? readFileSync(path, 'utf8') : undefined;
    if (there === text) return { file, path, text, outcome: 'unchanged' as const };
    return { file, path, text, outcome: there === undefined ? 'written' : 'replaced' } as const;
  });
  const others = planned.filter(({ outcome }) => outcome === 'replaced');
  if (others.length > 0 && !force)
    throw new Conflict(
      `${others.map(({ file }) => file).join(', ')} ${others.length === 1 ? 'is' : 'are'} there already and ${others.length === 1 ? 'says' : 'say'} something else`,
      {
        data: { files: others.map(({ file }) => file) },
        fix: 'Edit what is there, or replace it with --force.',
      },
    );
  for (const { path, text, outcome } of planned) {
    if (outcome === 'unchanged') continue;
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
  return planned.map(({ file, outcome }) => ({ file, outcome }));
}
