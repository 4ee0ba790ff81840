import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { deploymentKeysAt, renderDeploymentSchema } from '../../infra/config-schema.ts';
import { parseDeployment } from '../../infra/deployment-file.ts';
import { InvalidConfiguration } from '../../lambdas/domain/errors.ts';

const GOOD = `apiVersion: conveyor/v1
platform:
  repository: forge/forge-platform
service: relay
artifact:
  path: dist
`;

/** What is said to be wrong, a line each, without the file's name. */
function problems(text: string): string[] {
  try {
    parseDeployment(text, 'deployments/dev.yaml');
  } catch (error) {
    if (!(error instanceof InvalidConfiguration)) throw error;
    return error.message
      .split('\n')
      .slice(1)
      .map((line) => line.replace('deployments/dev.yaml:', ''));
  }
  return [];
}

const edit = (from: string, to: string) => {
  expect(GOOD).toContain(from);
  return GOOD.replace(from, to);
};

describe('deployments/<environment>.yaml', () => {
  it('says platform, service and artifact, and no more', () => {
    expect(parseDeployment(GOOD, 'x')).toEqual({
      apiVersion: 'conveyor/v1',
      platform: { repository: 'forge/forge-platform' },
      service: 'relay',
      artifact: { path: 'dist' },
    });
    expect(deploymentKeysAt([])).toEqual(['apiVersion', 'platform', 'service', 'artifact']);
  });

  it.each([
    [
      'a key that is misspelt',
      edit('artifact:', 'artefact:'),
      ['5:1 artefact: found the unknown key artefact; write artifact (did you mean that?)'],
    ],
    [
      'an account, which is the platform’s matter',
      edit('service:', 'account: "222222222222"\nservice:'),
      [
        '4:1 account: found the unknown key account; write one of apiVersion, platform, service, artifact',
      ],
    ],
    [
      'no owner',
      edit('forge/forge-platform', 'forge-platform'),
      [
        '3:15 platform.repository: found forge-platform; write another value: a repository is written owner/name, like forge/forge-platform',
      ],
    ],
    [
      'two artifacts',
      edit('  path: dist', '  path: dist\n  tarball: relay.tar.gz'),
      [
        '6:3 artifact: found a mapping; write another value: an artifact is one of path, tarball, image',
      ],
    ],
    [
      'no artifact',
      edit('artifact:\n  path: dist\n', ''),
      ['1:1 artifact: found nothing; write artifact: with a mapping'],
    ],
    [
      'several things at once',
      edit('relay', 'Relay').replace('dist', '../dist'),
      [
        '4:10 service: found Relay; write another value: a service is named by lower-case letters, digits and dashes, at most 40',
        '6:9 artifact.path: found ../dist; write another value: a path is relative to the repository and stays inside it',
      ],
    ],
    ['no YAML', 'service: [', expect.arrayContaining([expect.stringContaining('write YAML')])],
  ])('names %s with line, column and what to write', (_, text, told) => {
    expect(problems(text)).toEqual(told);
  });

  it('takes no path that leads out of the repository', () => {
    const segment = fc.constantFrom('..', '.', '', 'dist', 'a b', '...', '..dist', 'dist..');
    fc.assert(
      fc.property(fc.array(segment, { minLength: 1, maxLength: 5 }), (segments) => {
        const path = segments.join('/');
        const taken = problems(edit('path: dist', `path: ${JSON.stringify(path)}`)).length === 0;
        const isInside = !path.startsWith('/') && !segments.includes('..') && path !== '';

        expect(taken).toBe(isInside);
        if (taken) expect(`${resolve('/repository', path)}/`).toMatch(/^\/repository\//);
      }),
    );
  });

  it('has the schema that docs/ publish', () => {
    expect(renderDeploymentSchema()).toBe(readFileSync('docs/deployment.schema.json', 'utf8'));
  });
});
