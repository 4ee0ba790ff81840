import { isDeepStrictEqual } from 'node:util';
import { LedgerInvalid } from '../domain/errors.ts';
import { type FoundScalar, findScalar, splitKey } from './find-scalar.ts';
import { type ParsedManifest, parseManifest } from './parse-manifest.ts';
import { says, writeScalar } from './write-scalar.ts';

export interface KeyReading {
  readonly value: string;
  /** Both from 1. */
  readonly line: number;
  readonly column: number;
}

export interface Splice {
  /** The whole text, the very same where nothing had to change. */
  readonly text: string;
  readonly before: string;
  readonly after: string;
  readonly line: number;
}

/**
 * What a key of a manifest says now, as text: 1041 and "1041" are the same.
 * @param path only names the file in errors
 * @throws LedgerInvalid
 */
export function readKey(text: string, key: string, path = 'the manifest'): KeyReading {
  const manifest = parseManifest(text, path);
  const found = findScalar(manifest, key);
  return { value: found.text, ...manifest.position(found.start) };
}

/**
 * Sets one key by changing the characters of its value and none besides: comments, order, quotes, blank
 * lines and line ends stay. The result is read back, and refused where any other value would differ.
 * @param path only names the file in errors
 * @throws LedgerInvalid
 */
export function spliceKey(text: string, key: string, value: string, path = 'the manifest'): Splice {
  if (!/^[\x20-\x7e]+$/.test(value)) {
    throw new LedgerInvalid(`${key} in ${path} cannot be set to ${JSON.stringify(value)}`, {
      data: { path, key },
      fix: 'Give a value of printable ASCII characters.',
    });
  }
  const manifest = parseManifest(text, path);
  const found = findScalar(manifest, key);
  const { line } = manifest.position(found.start);
  const described = { before: found.text, after: value, line };
  if (says(found.scalar, value)) return { text, ...described };
  for (const written of writeScalar(value, found.scalar)) {
    const edited = replace(text, found, written);
    if (readsBack(manifest, edited, key, value)) return { text: edited, ...described };
  }
  throw new LedgerInvalid(
    `${manifest.where(found.start)}: ${key} cannot be set to ${value} without changing something else`,
    {
      data: { path, key, value },
      fix: `Write ${key} in ${path} as a quoted value without anchor or tag.`,
    },
  );
}

function replace(text: string, { start, end }: FoundScalar, written: string): string {
  const ahead = text.slice(0, start);
  const behind = text.slice(end);
  // An empty value (`tag:`) has no characters to stand for, nor the space that must be around them.
  const gap = start === end && /\S$/.test(ahead) ? ' ' : '';
  const comment = start === end && behind.startsWith('#') ? ' ' : '';
  return ahead + gap + written + comment + behind;
}

function readsBack(before: ParsedManifest, edited: string, key: string, value: string): boolean {
  try {
    const after = parseManifest(edited, before.path);
    const { scalar } = findScalar(after, key);
    const wanted = replaceAt(before.value, splitKey(key), scalar.value);
    return says(scalar, value) && isDeepStrictEqual(wanted, after.value);
  } catch (error) {
    if (error instanceof LedgerInvalid) return false;
    throw error;
  }
}

/** Copies along the path only, so that an alias to what is edited keeps its old value and is noticed. */
function replaceAt(value: unknown, [segment, ...rest]: string[], leaf: unknown): unknown {
  if (segment === undefined) return leaf;
  if (Array.isArray(value)) {
    return value.map((item, index) =>
      index === Number(segment) ? replaceAt(item, rest, leaf) : item,
    );
  }
  const map = value as Readonly<Record<string, unknown>>;
  return { ...map, [segment]: replaceAt(map[segment], rest, leaf) };
}
