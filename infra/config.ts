import { readFileSync, statSync } from 'node:fs';
import { type Document, isMap, LineCounter, parseDocument } from 'yaml';
import { ConveyorConfig, checkReferences } from '../lambdas/domain/config.ts';
import { InvalidConfiguration } from '../lambdas/domain/errors.ts';
import { another, type ConfigProblem, problemsOf, problemText } from './config-problems.ts';
import { locate, type Source } from './config-source.ts';

/** A configuration is written by hand; what is larger is not one. */
const MAX_BYTES = 1_000_000;
/** Anchors are for a handful of shared blocks, not for a "billion laughs". */
const MAX_ALIASES = 100;

/** After a slip, a YAML parser reports what follows from it for ever. */
const MAX_SYNTAX_ERRORS = 10;

/** Reads and checks `conveyor.yaml`. Throws InvalidConfiguration that lists every problem found. */
export function readConfig(file: string): ConveyorConfig {
  let text: string;
  try {
    if (statSync(file).size > MAX_BYTES) throw tooLarge(file);
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    if (cause instanceof InvalidConfiguration) throw cause;
    throw new InvalidConfiguration(`${file} cannot be read`, {
      fix: `Write ${file}, or name another file.`,
      cause,
      data: { file },
    });
  }
  return parseConfig(text, file);
}

/** The same for a text that is already here; `fileName` only names it in messages. */
export function parseConfig(text: string, fileName: string): ConveyorConfig {
  if (Buffer.byteLength(text) > MAX_BYTES) throw tooLarge(fileName);
  const lines = new LineCounter();
  const source: Source = { file: fileName, document: parse(text, fileName, lines), lines };

  const { errors, warnings } = source.document;
  const syntax = [...errors, ...warnings]
    .slice(0, MAX_SYNTAX_ERRORS)
    .map(({ code, message, pos }) => {
      const found = code === 'DUPLICATE_KEY' ? 'a key twice' : firstLine(message);
      return at(source, pos[0], found, syntaxFix(code));
    });
  if (syntax.length > 0) throw invalid(fileName, syntax);

  const parsed = ConveyorConfig.safeParse(values(source));
  const problems = [...reservedNames(source), ...problemsOf(source, parsed.error?.issues ?? [])];
  if (!parsed.success || problems.length > 0) throw invalid(fileName, problems);

  const dangling = checkReferences(parsed.data).map(({ path, message }) => ({
    ...locate(source, path),
    write: another(message),
  }));
  if (dangling.length > 0) throw invalid(fileName, dangling);
  return parsed.data;
}

function parse(text: string, file: string, lineCounter: LineCounter): Document {
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
function reservedNames(source: Source): ConfigProblem[] {
  return ['people', 'groups', 'environments', 'services'].flatMap((section) => {
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
