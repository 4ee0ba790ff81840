import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { entryPoints } from '../../infra/support/bundle.ts';
import { Refusal } from '../../lambdas/domain/promotion.ts';
import { renderCliReference } from './cli-reference.ts';
import { read } from './markdown.ts';

interface Node {
  readonly properties?: Readonly<Record<string, Node>>;
  readonly additionalProperties?: Node | boolean;
  readonly items?: Node;
  readonly anyOf?: readonly Node[];
}

/** `environments.<name>.approval.minimum`: every value of `conveyor.yaml` that is not a mapping of fixed keys. */
function paths(node: Node, path: string): string[] {
  const named = Object.entries(node.properties ?? {}).flatMap(([key, child]) =>
    paths(child, path === '' ? key : `${path}.${key}`),
  );
  const any = node.additionalProperties;
  const mapped = typeof any === 'object' ? paths(any, `${path}.<name>`) : [];
  const either = (node.anyOf ?? []).flatMap((branch) => paths(branch, path));
  const below = [...named, ...mapped, ...either];
  return below.length === 0 ? [path] : below;
}

it('names every key of conveyor.yaml', () => {
  const schema = JSON.parse(readFileSync('docs/conveyor.schema.json', 'utf8')) as Node;
  const told = read('docs/reference/configuration.md');

  for (const path of new Set(paths(schema, ''))) expect(told).toContain(`| \`${path}\` |`);
});

it('names no key that conveyor.yaml does not have', () => {
  const schema = JSON.parse(readFileSync('docs/conveyor.schema.json', 'utf8')) as Node;
  const known = new Set(paths(schema, ''));
  const told = read('docs/reference/configuration.md').matchAll(/^\| `([^`]+)` \|/gm);

  for (const [, path = ''] of told) expect(known).toContain(path);
});

it('tells the command line as its own help does (vitest -u writes it)', async () => {
  await expect(await renderCliReference()).toMatchFileSnapshot('../../docs/reference/cli.md');
});

it('tells every function’s permissions', () => {
  const told = read('docs/reference/permissions.md');
  for (const name of entryPoints().keys()) expect(told).toContain(`\n| \`${name}\` |`);
});

it('tells every code of a refused push', () => {
  const told = read('docs/reference/events.md');
  for (const code of Refusal.shape.code.options) expect(told).toContain(`| \`${code}\` |`);
});
