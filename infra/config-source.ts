import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type LineCounter,
  type Node,
  type Pair,
} from 'yaml';

/** A parsed document that still knows where everything was written. */
export interface Source {
  readonly file: string;
  readonly document: Document;
  readonly lines: LineCounter;
}

export interface Located {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly path: string;
  /** The text as written there, shortened; `nothing` where the value is missing. */
  readonly found: string;
}

/** Where the value at `path` stands; for a missing value, where its parent begins. */
export function locate(
  source: Source,
  path: readonly PropertyKey[],
  part: 'key' | 'value' = 'value',
): Located {
  const { node, missing } = walk(source, path, part);
  const { line, col } = source.lines.linePos(node?.range?.[0] ?? 0);
  return {
    file: source.file,
    line: Math.max(line, 1),
    column: Math.max(col, 1),
    path: path.map(String).join('.'),
    found: missing ? 'nothing' : written(node),
  };
}

/** The node at `path`, so that a caller can tell a quoted scalar from a bare one. */
export function nodeAt(source: Source, path: readonly PropertyKey[]): Node | undefined {
  const { node, missing } = walk(source, path, 'value');
  return missing ? undefined : node;
}

function walk(
  source: Source,
  path: readonly PropertyKey[],
  part: 'key' | 'value',
): { node: Node | undefined; missing: boolean } {
  let node = source.document.contents as Node | null;
  let nearest: Node | undefined = node ?? undefined;
  for (const [i, step] of path.entries()) {
    if (isAlias(node)) node = node.resolve(source.document) ?? null;
    let key: Node | undefined;
    if (isMap(node)) {
      const pair: Pair | undefined = node.items.find((item) => nameOf(item.key) === String(step));
      key = pair?.key as Node | undefined;
      node = (pair?.value as Node | null | undefined) ?? null;
    } else node = isSeq(node) ? ((node.items[Number(step)] as Node | undefined) ?? null) : null;

    if (part === 'key' && i === path.length - 1 && key !== undefined)
      return { node: key, missing: false };
    nearest = node ?? key ?? nearest;
    if (node === null) return { node: nearest, missing: true };
  }
  return { node: nearest, missing: node === null };
}

const nameOf = (key: unknown) => (isScalar(key) ? String(key.value) : String(key));

function written(node: Node | undefined): string {
  if (node === undefined) return 'nothing';
  if (isMap(node)) return 'a mapping';
  if (isSeq(node)) return 'a list';
  if (isAlias(node)) return `*${node.source}`;
  const text = isScalar(node) ? (node.source ?? String(node.value)) : String(node);
  if (text === '') return 'nothing';
  const short = text.replace(/\s+/g, ' ').slice(0, 60);
  return isScalar(node) && node.type?.startsWith('QUOTE') ? JSON.stringify(short) : short;
}
