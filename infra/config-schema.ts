import * as z from 'zod';
import { ConveyorConfig } from '../lambdas/domain/config.ts';

interface Node {
  readonly properties?: Readonly<Record<string, Node>>;
  readonly additionalProperties?: Node | boolean;
  readonly items?: Node;
  readonly anyOf?: readonly Node[];
}

/**
 * JSON Schema of `conveyor.yaml` for editors, as committed in docs/conveyor.schema.json.
 * Draft 7 is the newest that yaml-language-server reads.
 */
export function renderConfigSchema(): string {
  const schema = {
    $id: 'https://conveyor-aws.github.io/conveyor/conveyor.schema.json',
    title: 'conveyor.yaml',
    ...configSchema(),
  };
  return `${JSON.stringify(schema, null, 2)}\n`;
}

/** The keys that may stand in the mapping at `path`; empty where any key may. */
export function keysAt(path: readonly PropertyKey[]): readonly string[] {
  let nodes: Node[] = [configSchema() as Node];
  for (const step of path) nodes = nodes.flatMap(alternatives).flatMap((node) => child(node, step));
  return [
    ...new Set(nodes.flatMap(alternatives).flatMap((node) => Object.keys(node.properties ?? {}))),
  ];
}

function child(node: Node, step: PropertyKey): Node[] {
  if (typeof step === 'number') return node.items === undefined ? [] : [node.items];
  const named = Object.hasOwn(node.properties ?? {}, step)
    ? node.properties?.[String(step)]
    : undefined;
  if (named !== undefined) return [named];
  return typeof node.additionalProperties === 'object' ? [node.additionalProperties] : [];
}

const alternatives = (node: Node): readonly Node[] => node.anyOf ?? [node];

const configSchema = () => z.toJSONSchema(ConveyorConfig, { target: 'draft-7', io: 'input' });
