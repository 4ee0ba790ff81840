import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { parseDeployment } from '../../infra/deployment-file.ts';
import { read } from './markdown.ts';

const told = read('docs/reference/deployments.md');

interface Node {
  readonly properties?: Readonly<Record<string, Node>>;
}

const paths = ({ properties = {} }: Node, above: string[] = []): string[] =>
  Object.entries(properties).flatMap(([key, node]) =>
    node.properties === undefined ? [[...above, key].join('.')] : paths(node, [...above, key]),
  );

it('names every key of deployments/, and none that is not there', () => {
  const schema = JSON.parse(readFileSync('docs/deployment.schema.json', 'utf8')) as Node;
  const [, table = ''] = /\| key \|.*\n\|---.*\n((?:\|.*\n)+)/.exec(told) ?? [];
  const named = [...table.matchAll(/^\| `([^`]+)` \|/gm)].map(([, key]) => key);

  expect(named).toEqual(paths(schema));
});

it('shows a file that is valid, and the one that the starter has', () => {
  const [, yaml = ''] = /```yaml\n([\s\S]*?)```/.exec(told) ?? [];

  expect(parseDeployment(yaml, 'docs/reference/deployments.md')).toEqual(
    parse(readFileSync('examples/service-starter/deployments/dev.yaml', 'utf8')),
  );
});
