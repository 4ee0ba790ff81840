import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { type Called, packCli, STAND_IN } from './support/pack-cli.ts';
import { SYSTEMS } from './support/pipelines.ts';
import { type Agent, calls, INSTALLS, newAgent, runPipeline } from './support/run-pipeline.ts';

const SERVICE = {
  'run.sh': '#!/bin/sh\necho relay\n',
  'deployments/dev.yaml': 'service: relay\n',
};
const KEYS = '/conveyor/ci/r2';

const folder = mkdtempSync(join(tmpdir(), 'conveyor-cli-'));
afterAll(() => rmSync(folder, { recursive: true }));
const standIn = packCli(folder, 'stand-in', STAND_IN);

describe.each(SYSTEMS)('the push of %s', { timeout: 60_000 }, (system) => {
  const push = (agent: Agent, keys: string, variables: Record<string, string> = {}) =>
    runPipeline(agent, {
      kind: 'tarball',
      system,
      without: INSTALLS,
      jobs: ['build.build', 'build.push', 'dev.deploy', 'build', 'push', 'deploy'],
      parameters: {
        service: 'relay',
        language: 'none',
        cliPackage: standIn.file,
        cliSha256: standIn.sha256,
        ...(system === 'github' && { environment: 'dev' }),
      },
      variables,
      change: (env) => (env.R2_KEYS === undefined ? env : { ...env, R2_KEYS: keys }),
    });
  const called = (agent: Agent) =>
    readFileSync(join(agent.temp, 'conveyor-calls'), 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Called);
  const pushed = (agent: Agent) => called(agent)[0];

  it('has the keys of R2 from SSM where the platform says so, and tells nobody', () => {
    const agent = newAgent(SERVICE);

    const ran = push(agent, KEYS);

    expect(ran.at(-1)).toMatchObject({ step: 'Deploy', status: 0 });
    const values = ['access-key-id', 'secret-access-key'].map((name) => `value of ${KEYS}/${name}`);
    expect(pushed(agent)?.r2).toEqual(values);
    const shown = JSON.stringify([ran, pushed(agent)?.args, calls(agent).map(({ args }) => args)]);
    expect(shown).not.toContain('value of');
  });

  it('asks SSM for nothing where releases go to S3', () => {
    const agent = newAgent(SERVICE);

    expect(push(agent, '').at(-1)).toMatchObject({ step: 'Deploy', status: 0 });

    expect(calls(agent).map(({ tool }) => tool)).not.toContain('aws');
    expect(pushed(agent)?.r2).toEqual([null, null]);
  });

  it('fails before it pushes where SSM does not give a key, and says which', () => {
    const agent = newAgent(SERVICE);
    writeFileSync(join(agent.state, 'aws.exit'), '254');

    const last = push(agent, KEYS).at(-1);

    expect(last).toMatchObject({ step: 'Push the tarball', status: 1 });
    expect(last?.output).toContain(`error: cannot read ${KEYS}/access-key-id`);
    expect(() => pushed(agent)).toThrow('ENOENT');
  });

  it('knows which build it is, and nothing else of what its pipeline sets; nor does the deployment', () => {
    const agent = newAgent(SERVICE);
    const odd = ['CONVEYOR_ENDPOINT', 'AWS_ENDPOINT_URL', 'R2_ACCESS_KEY_ID', 'AWS_PROFILE'];

    push(agent, '', {
      GITHUB_RUN_ID: '1',
      BUILD_BUILDID: '1',
      ...Object.fromEntries(odd.map((name) => [name, 'https://evil.example'])),
    });

    const [pushing, deploying, ...others] = called(agent).map(({ environment }) => environment);
    expect(others).toEqual([]);
    expect(pushing).toEqual(expect.arrayContaining(['BUILD_BUILDID', 'GITHUB_RUN_ID']));
    expect(pushing?.filter((name) => odd.includes(name))).toEqual([]);
    expect(deploying?.filter((name) => odd.includes(name))).toEqual([]);
  });
});
