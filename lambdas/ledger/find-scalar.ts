import { isAlias, isMap, isScalar, isSeq, type Node, Scalar, type YAMLMap } from 'yaml';
import { LedgerInvalid } from '../domain/errors.ts';
import type { ParsedManifest } from './parse-manifest.ts';

/** A scalar on one line, and where its characters are. */
export interface FoundScalar {
  readonly scalar: Scalar;
  readonly start: number;
  readonly end: number;
  /** The value as its characters say it, so that 1041 and "1041" are the same. */
  readonly text: string;
}

/** `image.tag`, `images.0.newTag`; a dot within a key is written `\.`. */
export function splitKey(key: string): string[] {
  return key.split(/(?<!\\)\./).map((segment) => segment.replaceAll('\\.', '.'));
}

/**
 * The one-line scalar that a key names.
 * @throws LedgerInvalid where it is missing, or is something that one line cannot change
 */
export function findScalar(manifest: ParsedManifest, key: string): FoundScalar {
  const { path, text, where } = manifest;
  const segments = splitKey(key);
  let node: unknown = manifest.document.contents;
  for (const [depth, segment] of segments.entries()) {
    if (isAlias(node)) throw invalid(where(startOf(node)), path, key, 'lies behind an alias');
    const child = childOf(node, segment);
    if (child === undefined) {
      const missing = segments.slice(0, depth + 1).join('.');
      const at = isMap(node) || isSeq(node) ? where(startOf(node)) : path;
      throw invalid(at, path, key, `is not there (no ${missing})`);
    }
    node = child;
  }
  if (isAlias(node)) throw invalid(where(startOf(node)), path, key, 'is an alias');
  if (!isScalar(node) || !node.range) {
    throw invalid(where(startOf(node)), path, key, 'is not a single value');
  }
  const [start, end] = node.range;
  if (node.tag !== undefined && node.tag !== 'tag:yaml.org,2002:str') {
    throw invalid(where(start), path, key, `has the tag ${node.tag}`);
  }
  if (/[\r\n]/.test(text.slice(start, end)) || node.type?.startsWith('BLOCK')) {
    throw invalid(where(start), path, key, 'is written over several lines');
  }
  const value = typeof node.value === 'string' ? node.value : (node.source ?? '');
  return { scalar: node, start, end, text: value };
}

function childOf(node: unknown, segment: string): unknown {
  if (isMap(node)) return pairOf(node, segment);
  if (isSeq(node) && /^\d+$/.test(segment)) return node.items[Number(segment)];
  return undefined;
}

function pairOf(map: YAMLMap, segment: string): unknown {
  const pair = map.items.find(({ key }) => isScalar(key) && String(key.value) === segment);
  return pair === undefined ? undefined : (pair.value ?? new Scalar(null));
}

function startOf(node: unknown): number {
  return (node as Node | null)?.range?.[0] ?? 0;
}

function invalid(at: string, path: string, key: string, what: string): LedgerInvalid {
  return new LedgerInvalid(`${at}: ${key} ${what}`, {
    data: { path, key },
    fix: `Write ${key} in ${path} as one quoted value on one line, as in \`${lastOf(key)}: "1"\`.`,
  });
}

function lastOf(key: string): string {
  return splitKey(key).at(-1) ?? key;
}
