import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';

export interface Source {
  /** From the repository's root, with slashes. */
  readonly path: string;
  readonly text: string;
  readonly lines: readonly string[];
  readonly imports: readonly Import[];
}

export interface Import {
  /** A file of ours by its path, or a package by its name with what follows it. */
  readonly of: string;
  readonly own: boolean;
  /** Types vanish: they draw in nothing at run time. */
  readonly typeOnly: boolean;
}

/** All TypeScript files in these folders. */
export function sources(...folders: readonly string[]): readonly Source[] {
  return folders.flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((file) => /\.tsx?$/.test(file))
      .sort()
      .map((file) => read(join(folder, file))),
  );
}

function read(path: string): Source {
  const text = readFileSync(path, 'utf8');
  return { path, text, lines: text.trimEnd().split('\n'), imports: importsOf(path, text) };
}

const IMPORT =
  /^(?:import|export)\s+(type\s)?([^'";]*?)\s*from\s+'([^']+)'|^import\s+'([^']+)'|\bimport\('([^']+)'\)/gm;

function importsOf(path: string, text: string): Import[] {
  return [...text.matchAll(IMPORT)].map(([, type, what = '', from, bare, dynamic]) => {
    const name = from ?? bare ?? dynamic ?? '';
    const own = name.startsWith('.');
    const named = /^\{(.*)\}$/s.exec(what.trim())?.[1];
    const allTypes = named
      ?.split(',')
      .every((part) => part.trim() === '' || /^\s*type\s/.test(part));
    return {
      of: own ? normalize(join(dirname(path), name)) : name,
      own,
      typeOnly: type !== undefined || allTypes === true,
    };
  });
}
