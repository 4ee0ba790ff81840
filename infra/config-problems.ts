import { isScalar } from 'yaml';
import type { z } from 'zod';
import { nearest } from '../lambdas/domain/nearest.ts';
import { type Located, locate, nodeAt, type Source } from './config-source.ts';

/** One thing wrong in `conveyor.yaml`: where, what is there, what to write instead. */
export interface ConfigProblem extends Located {
  readonly write: string;
}

type Issue = z.core.$ZodIssue;
/** The keys that may stand in the mapping at a path. */
type KeysAt = (path: readonly PropertyKey[]) => readonly string[];

export function problemText({ file, line, column, path, found, write }: ConfigProblem): string {
  return `${file}:${line}:${column}${path === '' ? '' : ` ${path}`}: found ${found}; write ${write}`;
}

/** Every issue as a problem, in the order in which they stand in the file. */
export function problemsOf(
  source: Source,
  issues: readonly Issue[],
  keysAt: KeysAt,
): ConfigProblem[] {
  const all = issues.flatMap((issue) => problems(source, issue, [], keysAt));
  const misspelt = new Set(all.map(({ meant }) => meant));
  return all
    .filter(({ path, found }) => found !== 'nothing' || !misspelt.has(path))
    .map(({ meant: _, ...problem }) => problem)
    .sort((a, b) => a.line - b.line || a.column - b.column);
}

/** `meant`: the path that a misspelt key was probably for; its absence is not a second problem. */
type Finding = ConfigProblem & { readonly meant?: string };

function problems(
  source: Source,
  issue: Issue,
  prefix: readonly PropertyKey[],
  keysAt: KeysAt,
): Finding[] {
  const path = [...prefix, ...issue.path];
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => unknownKey(source, path, key, keysAt(path)));
  if (issue.code === 'invalid_union') {
    const branch = closest(issue.errors);
    if (branch !== undefined)
      return branch.flatMap((inner) => problems(source, inner, path, keysAt));
  }
  if (issue.code === 'invalid_key')
    return [
      {
        ...locate(source, path, 'key'),
        found: String(path.at(-1)),
        write: issue.issues.map(wanted).join(' and '),
      },
    ];
  const place = locate(source, path);
  const write = quoteIt(source, path, issue) ?? wanted(issue);
  const missing = place.found === 'nothing' && path.length > 0;
  return [{ ...place, write: missing ? `${String(path.at(-1))}: with ${write}` : write }];
}

/** YAML reads a bare 012345678901 as a number and drops the zero; the author meant the text. */
function quoteIt(source: Source, path: readonly PropertyKey[], issue: Issue): string | undefined {
  if (issue.code !== 'invalid_type' || issue.expected !== 'string') return undefined;
  const node = nodeAt(source, path);
  if (!isScalar(node) || typeof node.value === 'string' || node.value === null) return undefined;
  return `it in quotes: "${node.source ?? String(node.value)}" (bare, YAML reads a ${typeof node.value})`;
}

function unknownKey(
  source: Source,
  path: readonly PropertyKey[],
  key: string,
  known: readonly string[],
): Finding {
  const guess = nearest(key, known);
  const list = known.length === 0 ? 'nothing here' : `one of ${known.join(', ')}`;
  return {
    ...locate(source, [...path, key], 'key'),
    found: `the unknown key ${key}`,
    write: guess === undefined ? list : `${guess} (did you mean that?)`,
    ...(guess === undefined ? {} : { meant: [...path, guess].map(String).join('.') }),
  };
}

/** Of a union's branches, the one whose author got furthest: it fails deepest, with the fewest issues. */
function closest(branches: readonly (readonly Issue[])[]): readonly Issue[] | undefined {
  const depth = (branch: readonly Issue[]) =>
    Math.max(...branch.map((issue) => issue.path.length + (shapeFits(issue) ? 1 : 0)));
  const best = branches
    .filter((branch) => branch.length > 0)
    .sort((a, b) => depth(b) - depth(a) || a.length - b.length)[0];
  return best !== undefined && depth(best) > 0 ? best : undefined;
}

const shapeFits = (issue: Issue) => issue.code !== 'invalid_type' && issue.code !== 'invalid_value';

function wanted(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type':
      return ARTICLES[issue.expected] ?? `a value of type ${issue.expected}`;
    case 'invalid_value':
      return issue.values.length === 1
        ? String(issue.values[0])
        : `one of ${issue.values.map(String).join(', ')}`;
    case 'too_small':
      return issue.origin === 'array'
        ? `at least ${issue.minimum} of them`
        : `at least ${issue.minimum}${unit(issue.origin)}`;
    case 'too_big':
      return `at most ${issue.maximum}${unit(issue.origin)}`;
    case 'invalid_union':
      return branchesText(issue.errors);
    case 'invalid_format':
      return FORMATS[issue.format] ?? another(issue.message);
    default:
      return another(issue.message);
  }
}

const branchesText = (branches: readonly (readonly Issue[])[]) =>
  [...new Set(branches.flatMap((branch) => branch.slice(0, 1).map(wanted)))].join(', or ');

/** Rules of our own say what is legal (`lambdas/domain`), so their sentence is the advice. */
export const another = (rule: string) => `another value: ${rule}`;

const unit = (origin: string) => (origin === 'string' ? ' characters' : '');

const ARTICLES: Readonly<Record<string, string>> = {
  string: 'a text',
  int: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  object: 'a mapping',
  record: 'a mapping',
  array: 'a list',
};

const FORMATS: Readonly<Record<string, string>> = {
  email: 'a mail address',
  url: 'a URL such as https://argocd.forge.example',
};
