import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { readConfig } from '../../infra/config.ts';
import { keysAt, renderConfigSchema } from '../../infra/config-schema.ts';

it('is what docs/ publishes', () => {
  expect(renderConfigSchema()).toBe(readFileSync('docs/conveyor.schema.json', 'utf8'));
});

it('is the schema that the example asks its editor to use', () => {
  expect(readFileSync('examples/forge/conveyor.yaml', 'utf8').split('\n')[0]).toBe(
    '# yaml-language-server: $schema=../../docs/conveyor.schema.json',
  );
});

it('knows the keys at a path, through records, lists and unions', () => {
  expect(keysAt(['environments', 'dev', 'argocd'])).toEqual(['sync']);
  expect(keysAt(['ledger', 'github', 'auth'])).toEqual(['token', 'app']);
  expect(keysAt(['services', 'payments', 'stages', 0])).toEqual([]);
  expect(keysAt(['people'])).toEqual([]);
});

it("finds the key it will change in every manifest of the example's Ledger", () => {
  const config = readConfig('examples/forge/conveyor.yaml');
  for (const [service, { stages, artifact, target }] of Object.entries(config.services))
    for (const stage of stages) {
      const { path: pattern = '' } =
        target.argocd ?? target.store ?? target.compose ?? target.systemd ?? {};
      const path = pattern.replace('{environment}', stage).replace('{service}', service);
      const manifest = parse(readFileSync(`examples/forge/ledger/${path}`, 'utf8'));
      if (target.argocd === undefined) {
        const version = artifact.image === undefined ? /^[0-9a-f]{40}$/ : /^\d+$/;
        expect(String(manifest[service].version)).toMatch(version);
        continue;
      }
      expect(manifest.image.tag).toMatch(/^\d+$/);
      expect(manifest.image.repository).toContain(
        `${config.environments[stage]?.account}.dkr.ecr.`,
      );
      expect(manifest.image.repository).toContain(`/${artifact.image}`);
    }
  expect(readdirSync('examples/forge/ledger/envs')).toHaveLength(3);
});
