import { isAlias, isCollection, isMap, isScalar, type Node, type Pair, type YAMLMap } from 'yaml';
import { LedgerInvalid } from '../domain/errors.ts';
import type { ParsedManifest } from './parse-manifest.ts';

/** Where a key is, or where it can be put. */
export interface Place {
  /** The deepest mapping on the way that is written as lines; none in an empty document. */
  readonly map?: YAMLMap;
  /** Its entry that the way goes on through, or that is the key itself. */
  readonly pair?: Pair;
  /** What of the way is not there yet. */
  readonly missing: readonly string[];
  /** Columns before the keys of `map`. */
  readonly indent: number;
  /** `{}` in place of the whole document. */
  readonly instead?: Node;
}

/** @throws LedgerInvalid where the way leads through something else than mappings of lines */
export function findPlace(
  manifest: ParsedManifest,
  key: string,
  segments: readonly string[],
): Place {
  const root = manifest.document.contents;
  if (root === null || isEmpty(root))
    return { missing: segments, indent: 0, ...(root !== null && { instead: root as Node }) };
  let map: unknown = root;
  for (const [depth, segment] of segments.entries()) {
    if (!isMap(map) || map.flow === true || map.anchor !== undefined)
      throw invalidPlace(manifest, key, 'is not below a mapping that is written as lines', map);
    const pair: Pair | undefined = map.items.find(
      (one) => isScalar(one.key) && String(one.key.value) === segment,
    );
    const first = map.items[0]?.key as Node | undefined;
    const indent = manifest.position(first?.range?.[0] ?? 0).column - 1;
    const place = { map, ...(pair && { pair }), indent };
    if (pair === undefined) return { ...place, missing: segments.slice(depth) };
    const rest = segments.slice(depth + 1);
    if (rest.length === 0 || isEmpty(pair.value)) return { ...place, missing: rest };
    map = pair.value;
  }
  throw invalidPlace(manifest, key, 'is not a key');
}

function isEmpty(value: unknown): boolean {
  if (isCollection(value))
    return isMap(value) && value.items.length === 0 && value.anchor === undefined;
  return (
    value === null ||
    (isScalar(value) &&
      value.value === null &&
      value.anchor === undefined &&
      value.tag === undefined)
  );
}

/** Behind the last character that belongs to a node; behind the line end of a block of text. */
export function endOf(node: unknown): number {
  if (isMap(node) && node.flow !== true) {
    const last = node.items.at(-1);
    const key = (last?.key as Node | undefined)?.range?.[1] ?? 0;
    return Math.max(key, last?.value == null ? 0 : endOf(last.value));
  }
  if (isCollection(node) && node.flow !== true && node.items.length > 0)
    return endOf(node.items.at(-1));
  return (node as Node | null)?.range?.[1] ?? 0;
}

/** From 1. */
export function lineOf(manifest: ParsedManifest, { pair }: Place): number {
  return manifest.position((pair?.key as Node | undefined)?.range?.[0] ?? 0).line;
}

export function invalidPlace(
  manifest: ParsedManifest,
  key: string,
  what: string,
  at?: unknown,
): LedgerInvalid {
  const { path, where } = manifest;
  const start = isAlias(at) || at == null ? 0 : ((at as Node).range?.[0] ?? 0);
  return new LedgerInvalid(`${where(start)}: ${key} ${what}`, {
    data: { path, key },
    fix: `Write ${key} in ${path} as plain lines, without anchors and braces.`,
  });
}
