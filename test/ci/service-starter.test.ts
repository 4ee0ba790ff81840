import { cpSync, existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import * as z from 'zod';
import { readConfig } from '../../infra/config.ts';
import { expandTemplate } from './support/expand-template.ts';
import { FILES, jobsOf, load, type Mapping } from './support/pipelines.ts';
import { newAgent, runPipeline } from './support/run-pipeline.ts';

const STARTER = 'examples/service-starter';

/** What a service repository says of itself, and all that it may say. */
const Deployment = z.strictObject({
  apiVersion: z.literal('conveyor/v1'),
  platform: z.strictObject({ repository: z.string().regex(/^[\w.-]+\/[\w.-]+$/) }),
  service: z.string().regex(/^[a-z][a-z0-9-]{0,39}$/),
  artifact: z.union([
    z.strictObject({ path: z.string() }),
    z.strictObject({ tarball: z.string() }),
  ]),
});

const deployments = readdirSync(`${STARTER}/deployments`)
  .map((file) => file.replace(/\.yaml$/, ''))
  .sort();

it.each(deployments)('deployments/%s.yaml names platform, service and artifact', (environment) => {
  const text = readFileSync(`${STARTER}/deployments/${environment}.yaml`, 'utf8');

  expect(Deployment.parse(parse(text))).toMatchObject({
    platform: { repository: 'forge/forge-platform' },
  });
});

it('has a file for each environment that the templates deploy to', () => {
  const stages = jobsOf(load(FILES.tarball.azure), 'tarball').flatMap(({ steps }) =>
    steps.flatMap(({ name, env }) => (name === 'Deploy' ? [env.ENVIRONMENT] : [])),
  );
  const workflow = load(`${STARTER}/.github/workflows/release.yml`);

  expect([...stages].sort()).toEqual(deployments);
  const { inputs } = (workflow.on as Mapping).workflow_dispatch as {
    inputs: { environment: { options: string[] } };
  };
  expect(inputs.environment.options).toEqual(stages);
});

it('agrees with the example of a platform: its environments, and where dev has its registry', () => {
  const { environments } = readConfig('examples/forge/conveyor.yaml');
  const push = jobsOf(load(FILES.image.azure), 'image')
    .flatMap(({ steps }) => steps)
    .find(({ env }) => env.ECR_REGISTRY !== undefined);
  const dev = Object.entries(environments).find(([name]) => name === 'dev')?.[1];

  expect(Object.keys(environments).sort()).toEqual(deployments);
  expect(push?.env.ECR_REGISTRY).toContain(`${dev?.account}.dkr.ecr.${dev?.region}.`);
});

it('shows in its README what its deployments say', () => {
  const [, yaml = ''] =
    /```yaml\n([\s\S]*?)```/.exec(readFileSync(`${STARTER}/README.md`, 'utf8')) ?? [];

  expect(parse(yaml)).toEqual(load(`${STARTER}/deployments/dev.yaml`));
});

it('extends the template of Azure with parameters that it has', () => {
  const { extends: extended } = load(`${STARTER}/azure-pipelines.yml`) as {
    extends: { template: string; parameters: Record<string, string> };
  };

  expect(`examples/${extended.template}`).toBe(`${FILES.tarball.azure}@platform`);
  expect(() => expandTemplate(load(FILES.tarball.azure), extended.parameters)).not.toThrow();
});

it('calls the workflow of GitHub with inputs that it has, and with the permissions it needs', () => {
  const { release } = load(`${STARTER}/.github/workflows/release.yml`).jobs as {
    release: { uses: string; with: Mapping; permissions: Mapping };
  };
  const called = load(FILES.tarball.github);
  const inputs = (
    (called.on as Mapping).workflow_call as { inputs: Record<string, { required?: boolean }> }
  ).inputs;
  const needed = Object.values(called.jobs as Record<string, { permissions: Mapping }>);

  expect(release.uses).toMatch(
    /^forge\/forge-platform\/\.github\/workflows\/release-tarball\.yml@/,
  );
  expect(Object.keys(inputs)).toEqual(expect.arrayContaining(Object.keys(release.with)));
  expect(Object.keys(release.with)).toEqual(
    expect.arrayContaining(Object.keys(inputs).filter((name) => inputs[name]?.required)),
  );
  expect(release.permissions).toEqual(
    Object.assign({}, ...needed.map(({ permissions }) => permissions)),
  );
});

describe('the service', { timeout: 60_000 }, () => {
  it('is built and tested by the template, into the directory that its deployments name', () => {
    const agent = newAgent({ 'README.md': '' });
    cpSync(STARTER, agent.source, { recursive: true, filter: (file) => !file.endsWith('/dist') });

    const ran = runPipeline(agent, {
      kind: 'tarball',
      system: 'azure',
      jobs: ['build.build'],
      only: ['Build and test'],
      parameters: {
        service: 'relay',
        language: 'node',
        cliPackage: './x.tgz',
        cliSha256: 'x',
      },
    });

    expect(ran).toMatchObject([{ status: 0 }]);
    expect(existsSync(join(agent.source, 'dist', 'relay.mjs'))).toBe(true);
  });
});
