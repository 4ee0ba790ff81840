/** One value of a parsed document, with the keys that lead to it. */
export interface Node {
  readonly path: readonly string[];
  readonly value: unknown;
}

/** Every value of a document, the document itself first. */
export function* walk(value: unknown, path: readonly string[] = []): Generator<Node> {
  yield { path, value };
  if (typeof value !== 'object' || value === null) return;
  for (const [key, inner] of Object.entries(value)) yield* walk(inner, [...path, key]);
}
