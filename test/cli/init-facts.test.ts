import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, it, onTestFinished } from 'vitest';
import { parse } from 'yaml';
import { findServiceName, repositoryOf } from '../../bin/cli/init/find-facts.ts';
import { serviceFile } from '../../bin/cli/init/service-file.ts';
import { yamlText } from '../../bin/cli/init/yaml-text.ts';
import { parseDeployment } from '../../infra/deployment-file.ts';
import { Deployment } from '../../lambdas/domain/deployment-file.ts';

it.each([
  ['https://github.com/forge/forge-platform.git', 'forge/forge-platform'],
  ['https://x-access-token:secret@github.com/forge/forge-platform', 'forge/forge-platform'],
  ['git@github.com:forge/forge-platform.git', 'forge/forge-platform'],
  ['ssh://git@github.example:2222/forge/forge.platform/', 'forge/forge.platform'],
  ['/srv/git/forge/forge-platform.git', undefined],
  ['../forge/forge-platform', undefined],
  ['', undefined],
])('reads the repository out of %s', (remote, repository) => {
  expect(repositoryOf(remote)).toBe(repository);
});

it.each([
  ['package.json', '{"name":"@forge/Ward_Relay"}', 'ward-relay'],
  ['pyproject.toml', '[project]\nname = "ward.relay"\n', 'ward-relay'],
  ['go.mod', 'module github.com/forge/ward-relay/v2\n\ngo 1.24\n', 'ward-relay'],
  ['go.mod', 'module relay\n', 'relay'],
  ['package.json', '{"name": 7', 'folder-name'],
  ['package.json', '{"name": "中文"}', 'folder-name'],
])('finds what the service is called in %s: %s', (file, text, name) => {
  const folder = mkdtempSync(join(tmpdir(), 'conveyor-facts-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const root = join(folder, 'Folder Name');
  mkdirSync(root);
  writeFileSync(join(root, file), text);

  expect(findServiceName(root)).toBe(name);
});

it('writes any text so that YAML reads it back', () => {
  const odd = fc.constantFrom(
    'null',
    'true',
    'yes',
    'y',
    '~',
    '1e3',
    '0x1f',
    '01',
    '-',
    '',
    ' a',
    '#',
  );
  fc.assert(
    fc.property(fc.oneof(odd, fc.string(), fc.string({ unit: 'binary' })), (text) => {
      expect(parse(`key: ${yamlText(text)} # said`)).toEqual({ key: text });
    }),
  );
});

it('writes files that say what was said, whatever it was', () => {
  const { path } = Deployment.shape.artifact.shape;
  const inside = fc.string().filter((text) => path.safeParse(text).success);
  const name = fc.oneof(
    fc.constantFrom('null', 'true', 'no', 'on'),
    fc.stringMatching(/^[a-z][a-z0-9-]{0,39}$/),
  );
  const repository = fc.stringMatching(/^[A-Za-z0-9-]{1,39}\/[A-Za-z0-9._-]{1,100}$/);
  fc.assert(
    fc.property(repository, name, inside, fc.boolean(), (platform, service, what, packed) => {
      const artifact = packed ? { tarball: what } : { path: what };
      const text = serviceFile({ platform, service, artifact }, 'deployments/dev.yaml');

      expect(parseDeployment(text, 'x')).toEqual({
        apiVersion: 'conveyor/v1',
        platform: { repository: platform },
        service,
        artifact,
      });
    }),
  );
});
