import { readFileSync, statSync } from 'node:fs';
import { type Document, isMap, LineCounter, parseDocument } from 'yaml';
import type { z } from 'zod';
import { InvalidConfiguration } from '../lambdas/domain/errors.ts';
import { another, type ConfigProblem, problemsOf, problemText } from './config-problems.ts';
import { locate, type Source } from './config-source.ts';

/** A kind of file that people write by hand, and what it must say. */
export interface FileKind<T> {
  readonly schema: z.ZodType<T>;
  /** The keys that may stand in the mapping at a path; empty where any may. */
  readonly keysAt: (path: readonly PropertyKey[]) => readonly string[];
  /** Mappings whose keys are names that the author chose. */
  readonly named: readonly string[];
  /** What the schema alone cannot tell: a sentence each, with the path of the value at fault. */
  readonly check: (value: T) => readonly { path: (string | number)[]; message: string }[];
}

/** A configuration is written by hand; what is larger is not one. */
const MAX_BYTES = 1_000_000;
/** Anchors are for a handful of shared blocks, not for a "billion laughs". */
const MAX_ALIASES = 100;

/** After a slip, a YAML parser reports what follows from it for ever. */
const MAX_SYNTAX_ERRORS = 10;

/**
 * Reads and checks a file.
 * @param path where it is, if that is not what messages shall call it
 * @throws InvalidConfiguration that lists every problem found
 */
export function readChecked<T>(file: string, kind: FileKind<T>, path = file): T {
  let text: string;
  try {
    if (statSync(path).size > MAX_BYTES) throw tooLarge(file);
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    if (cause instanceof InvalidConfiguration) throw cause;
    throw new InvalidConfiguration(`${file} cannot be read`, {
      fix: `Write ${file}, or name another file.`,
      cause,
      data: { file },
    });
  }
  return parseChecked(text, file, kind);
}

/** The same for a text that is already here; `fileName` only names it in messages. */
export function parseChecked<T>(text: string, fileName: string, kind: FileKind<T>): T {
  if (Buffer.byteLength(text) > MAX_BYTES) throw tooLarge(fileName);
  const lines = new LineCounter();
  const source: Source = { file: fileName, document: parseYaml(text, fileName, lines), lines };

  const { errors, warnings } = source.document;
  const syntax = [...errors, ...warnings]
    .slice(0, MAX_SYNTAX_ERRORS)
    .map(({ code, message, pos }) => {
      const found = code === 'DUPLICATE_KEY' ? 'a key twice' : firstLine(message);
      return at(source, pos[0], found, syntaxFix(code));
    });
  if (syntax.length > 0) throw invalid(fileName, syntax);

  const parsed = kind.schema.safeParse(values(source));
  const problems = [
    ...reservedNames(source, kind.named),
    ...problemsOf(source, parsed.error?.issues ?? [], kind.keysAt),
  ];
  if (!parsed.success || problems.length > 0) throw invalid(fileName, problems);

  const dangling = kind.check(parsed.data).map(({ path, message }) => ({
    ...locate(source, path),
    write: another(message),
  }));
  if (dangling.length > 0) throw invalid(fileName, dangling);
  return parsed.data;
}

function parseYaml(text: string, file: string, lineCounter: LineCounter): Document {
  try {
    return parseDocument(text, { lineCounter, prettyErrors: false, stringKeys: true });
  } catch (cause) {
    throw new InvalidConfiguration(`${file} is not YAML that can be read`, {
      cause,
      data: { file },
    });
  }
}

function values(source: Source): unknown {
  try {
    return source.document.toJS({ maxAliasCount: MAX_ALIASES });
  } catch (cause) {
    const found = cause instanceof Error ? firstLine(cause.message) : 'aliases that lead nowhere';
    throw invalid(
      source.file,
      [at(source, 0, found, `at most ${MAX_ALIASES} uses of an anchor`)],
      cause,
    );
  }
}

/** Names that every JavaScript object already has would be "found" without being declared. */
function reservedNames(source: Source, named: readonly string[]): ConfigProblem[] {
  return named.flatMap((section) => {
    const node = source.document.get(section);
    if (!isMap(node)) return [];
    return node.items
      .map(({ key }) => String(key))
      .filter((name) => name in Object.prototype)
      .map((name) => ({
        ...locate(source, [section, name], 'key'),
        write: 'another name; this one is reserved',
      }));
  });
}

function at(source: Source, offset: number, found: string, write: string): ConfigProblem {
  const { line, col } = source.lines.linePos(offset);
  return {
    file: source.file,
    line: Math.max(line, 1),
    column: Math.max(col, 1),
    path: '',
    found,
    write,
  };
}

function syntaxFix(code: string): string {
  if (code === 'DUPLICATE_KEY') return 'each key once';
  if (code === 'MULTIPLE_DOCS') return 'one document, without a second ---';
  if (code === 'TAB_AS_INDENT') return 'spaces instead of tabs';
  return 'YAML (https://yaml.org/spec/1.2.2)';
}

function invalid(
  file: string,
  problems: readonly ConfigProblem[],
  cause?: unknown,
): InvalidConfiguration {
  const count = problems.length === 1 ? '1 problem' : `${problems.length} problems`;
  return new InvalidConfiguration(`${file} has ${count}\n${problems.map(problemText).join('\n')}`, {
    fix: `Correct ${file} and run: conveyor validate`,
    data: { file, problems },
    cause,
  });
}

function tooLarge(file: string): InvalidConfiguration {
  return new InvalidConfiguration(`${file} is larger than ${MAX_BYTES} bytes`, {
    data: { file, maximum: MAX_BYTES },
  });
}

const firstLine = (text: string) => text.split('\n', 1)[0] ?? text;
