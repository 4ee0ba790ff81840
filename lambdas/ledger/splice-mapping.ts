import { isDeepStrictEqual } from 'node:util';
import { isMap, type Node } from 'yaml';
import { endOf, findPlace, invalidPlace, lineOf, type Place } from './find-place.ts';
import { splitKey } from './find-scalar.ts';
import { parseManifest } from './parse-manifest.ts';

/** What a key shall say: one value, or a mapping of values, one a line in the order given. */
export type Written = string | ReadonlyMap<string, string>;

export interface MappingSplice {
  /** The whole text, the very same where nothing had to change. */
  readonly text: string;
  /** Where the key is now; from 1. */
  readonly line: number;
}

/** Characters from `start` to `end` make way for `put`. */
interface Cut {
  readonly start: number;
  readonly end: number;
  readonly put: string;
}

/**
 * Writes a key that may not be there yet, together with the keys that lead to it, and a mapping as one block of lines. All
 * other characters stay as they were. The result is read back, and refused where anything else would differ.
 * @param path only names the file in errors
 * @throws LedgerInvalid where the place is something else than a block of lines
 */
export function spliceMapping(
  text: string,
  key: string,
  wanted: Written,
  path = 'the manifest',
): MappingSplice {
  const before = parseManifest(text, path);
  const segments = splitKey(key);
  const says = typeof wanted === 'string' ? wanted : Object.fromEntries(wanted);
  const expected = withValue(before.value, segments, says);
  const place = findPlace(before, key, segments);
  const isThere = place.missing.length === 0;
  if (isThere && isDeepStrictEqual(before.value, expected))
    return { text, line: lineOf(before, place) };
  const edited = cutsFor(text, place, wanted).reduceRight(
    (so, { start, end, put }) => so.slice(0, start) + put + so.slice(end),
    text,
  );
  const after = parseManifest(edited, path);
  if (!isDeepStrictEqual(after.value, expected))
    throw invalidPlace(before, key, 'cannot be written without changing something else');
  return { text: edited, line: lineOf(after, findPlace(after, key, segments)) };
}

function cutsFor(text: string, place: Place, wanted: Written): Cut[] {
  const { map, pair, missing, indent, instead } = place;
  const newline = /\r\n|\n/.exec(text)?.[0] ?? '\n';
  const lines = (names: readonly string[], at: number) =>
    render(names, wanted, at)
      .map((line) => line + newline)
      .join('');
  if (map === undefined) {
    const [start, end] = instead?.range ?? [0, 0];
    const added = lines(missing, 0);
    return instead === undefined || start === end
      ? [addedAt(text, text.length, newline, added)]
      : [{ start, end, put: added.trimEnd() }];
  }
  if (pair === undefined) return [addedAt(text, endOf(map), newline, lines(missing, indent))];
  const colon = text.indexOf(':', (pair.key as Node).range?.[1] ?? 0) + 1;
  const isBlock = isMap(pair.value) && pair.value.flow !== true;
  const [from, to] = isBlock ? [colon, colon] : rangeOf(pair.value, colon);
  const onLine = missing.length === 0 && (typeof wanted === 'string' || wanted.size === 0);
  const put = onLine ? ` ${typeof wanted === 'string' ? quoted(wanted) : '{}'}` : '';
  // The value's characters go, with the blanks before them; a comment behind stays on its line.
  const value: Cut = { start: colon, end: Math.max(colon, to), put };
  const blanks = text.slice(colon, from);
  // An anchor, a tag or a comment: nothing is changed, so that the reading back refuses it.
  if (/\S/.test(blanks)) return [];
  const lineEnd = lineEndAfter(text, value.end);
  const removed = isBlock ? lineEndAfter(text, endOf(pair.value)) : lineEnd;
  const below = onLine ? '' : render(missing, wanted, indent + 2).join(newline);
  const added = below === '' ? '' : newline + below;
  return [value, { start: lineEnd, end: removed, put: added }];
}

/** Lines of nested keys, and of what the last of them says. */
function render(names: readonly string[], wanted: Written, indent: number): string[] {
  const [name, ...rest] = names;
  const pad = ' '.repeat(indent);
  if (name === undefined)
    return typeof wanted === 'string'
      ? []
      : [...wanted].map(([key, value]) => `${pad}${keyText(key)}: ${quoted(value)}`);
  if (rest.length > 0) return [`${pad}${keyText(name)}:`, ...render(rest, wanted, indent + 2)];
  if (typeof wanted === 'string') return [`${pad}${keyText(name)}: ${quoted(wanted)}`];
  if (wanted.size === 0) return [`${pad}${keyText(name)}: {}`];
  return [`${pad}${keyText(name)}:`, ...render([], wanted, indent + 2)];
}

const quoted = (value: string) => JSON.stringify(value);

/** A YAML 1.1 reader takes y, no, on and 1_000 for something else than words. */
function keyText(key: string): string {
  return /^[a-z][a-z0-9]*-[a-z0-9-]*[a-z0-9]$|^(?!(?:y|n|yes|no|on|off|true|false|null)$)[A-Za-z][A-Za-z]*$/i.test(
    key,
  )
    ? key
    : quoted(key);
}

function addedAt(text: string, at: number, newline: string, lines: string): Cut {
  const end = text[at - 1] === '\n' ? at : lineEndAfter(text, at);
  if (end === 0 || text[end - 1] === '\n') return { start: end, end, put: lines };
  return end < text.length
    ? { start: end, end, put: newline + lines.slice(0, -newline.length) }
    : { start: end, end, put: newline + lines };
}

function rangeOf(value: unknown, colon: number): readonly [number, number] {
  const range = (value as Node | null)?.range;
  if (range == null || range[0] === range[1]) return [colon, colon];
  return [range[0], range[1]];
}

/** Before the line break, whichever it is. */
function lineEndAfter(text: string, at: number): number {
  if (text[at - 1] === '\n') return text[at - 2] === '\r' ? at - 2 : at - 1;
  const end = text.indexOf('\n', at);
  if (end < 0) return text.length;
  return text[end - 1] === '\r' && end > at ? end - 1 : end;
}

function withValue(value: unknown, [segment, ...rest]: readonly string[], leaf: unknown): unknown {
  if (segment === undefined) return leaf;
  const map = (value ?? {}) as Readonly<Record<string, unknown>>;
  return { ...map, [segment]: withValue(map[segment], rest, leaf) };
}
