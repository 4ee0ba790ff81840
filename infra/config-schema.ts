import * as z from 'zod';
import { ConveyorConfig } from '../lambdas/domain/config.ts';
import { Deployment } from '../lambdas/domain/deployment-file.ts';

interface Node {
  readonly properties?: Readonly<Record<string, Node>>;
  readonly additionalProperties?: Node | boolean;
  readonly items?: Node;
  readonly anyOf?: readonly Node[];
}

/** Where the schemas are published, under their files' own names. */
export const SCHEMAS = 'https://conveyor-aws.github.io/conveyor';

/**
 * JSON Schema of `conveyor.yaml` for editors, as committed in docs/conveyor.schema.json.
 * Draft 7 is the newest that yaml-language-server reads.
 */
export const renderConfigSchema = () => render('conveyor', 'conveyor.yaml', ConveyorConfig);

/** The same of a service's `deployments/<environment>.yaml`, in docs/deployment.schema.json. */
export const renderDeploymentSchema = () =>
  render('deployment', 'deployments/<environment>.yaml', Deployment);

/** The keys that may stand in the mapping at `path` of `conveyor.yaml`; empty where any key may. */
export const keysAt = (path: readonly PropertyKey[]) => keysOf(ConveyorConfig, path);

/** The same of `deployments/<environment>.yaml`. */
export const deploymentKeysAt = (path: readonly PropertyKey[]) => keysOf(Deployment, path);

function keysOf(schema: z.ZodType, path: readonly PropertyKey[]): readonly string[] {
  let nodes: Node[] = [jsonSchema(schema) as Node];
  for (const step of path) nodes = nodes.flatMap(alternatives).flatMap((node) => child(node, step));
  return [
    ...new Set(nodes.flatMap(alternatives).flatMap((node) => Object.keys(node.properties ?? {}))),
  ];
}

function render(name: string, title: string, schema: z.ZodType): string {
  const whole = { $id: `${SCHEMAS}/${name}.schema.json`, title, ...jsonSchema(schema) };
  return `${JSON.stringify(whole, null, 2)}\n`;
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

const jsonSchema = (schema: z.ZodType) =>
  z.toJSONSchema(schema, { target: 'draft-7', io: 'input' });
