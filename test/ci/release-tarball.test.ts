import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { bundleCli } from '../../bin/build-cli.ts';
import { type Called, packCli, STAND_IN } from './support/pack-cli.ts';
import { played } from './support/pipelines.ts';
import {
  type Agent,
  calls,
  headOf,
  INSTALLS,
  newAgent,
  type Run,
  runPipeline,
} from './support/run-pipeline.ts';

const DEPLOYMENT = 'apiVersion: conveyor/v1\nservice: relay\nartifact: { path: dist }\n';

const SERVICE = {
  'package.json': '{"name":"relay","scripts":{"build":"mkdir -p dist && cp run dist/"}}',
  'package-lock.json':
    '{"name":"relay","lockfileVersion":3,"requires":true,"packages":{"":{"name":"relay"}}}',
  run: '#!/bin/sh\necho relay\n',
  'deployments/dev.yaml': DEPLOYMENT,
  'deployments/qa.yaml': DEPLOYMENT,
};

const folder = mkdtempSync(join(tmpdir(), 'conveyor-cli-'));
afterAll(() => rmSync(folder, { recursive: true }));

const standIn = packCli(folder, 'stand-in', STAND_IN);

const called = (agent: Agent) =>
  readFileSync(join(agent.temp, 'conveyor-calls'), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Called);

describe.each(played('github'))('the tarball template of %s', { timeout: 60_000 }, (system) => {
  const run = (agent: Agent, parameters: Record<string, string> = {}, more: Partial<Run> = {}) =>
    runPipeline(agent, {
      kind: 'tarball',
      system,
      without: INSTALLS,
      parameters: {
        service: 'relay',
        language: 'node',
        cliPackage: standIn.file,
        cliSha256: standIn.sha256,
        // Azure deploys a stage at a time; GitHub is told which environment it is.
        ...(system === 'github' && { environment: 'dev' }),
        ...parameters,
      },
      ...more,
    });
  const toDev = { jobs: ['build.build', 'build.push', 'dev.deploy', 'build', 'push', 'deploy'] };

  it('scans, builds, pushes what was built, and deploys that commit', () => {
    const agent = newAgent(SERVICE);
    chmodSync(join(agent.source, 'run'), 0o755);

    const ran = run(agent, {}, toDev);

    expect(ran.filter(({ status }) => status !== 0)).toEqual([]);
    expect(calls(agent).map(({ tool }) => tool)).toEqual(['trivy']);
    const sha = headOf(agent);
    expect(called(agent).map(({ args }) => args)).toEqual([
      ['push', 'relay', '--sha', sha],
      ['deploy', 'relay', 'dev', '--sha', sha, '--wait', '--timeout', '5h'],
    ]);
    expect(called(agent)[0]).toMatchObject({ epoch: '1772366400', git: false });
  });

  it('hands over modes and links as they were built', () => {
    const agent = newAgent({
      ...SERVICE,
      'package.json':
        '{"name":"relay","scripts":{"build":"mkdir -p dist && cp run dist/ && chmod 755 dist/run && ln -s run dist/current"}}',
    });

    run(agent, {}, toDev);

    expect(called(agent)[0]).toMatchObject({
      run: { text: SERVICE.run, mode: '755' },
      link: 'run',
    });
  });

  it('takes from the commit, not from the build, where a service goes', () => {
    const agent = newAgent({
      ...SERVICE,
      'package.json': '{"name":"relay","scripts":{"build":"echo evil > deployments/dev.yaml"}}',
    });

    run(
      agent,
      {},
      {
        ...toDev,
        // The next machine has a checkout of its own.
        before: (step) => {
          if (step === 'Install the CLI')
            writeFileSync(join(agent.source, 'deployments/dev.yaml'), DEPLOYMENT);
        },
      },
    );

    expect(called(agent)[0]?.deployment).toBe(DEPLOYMENT);
  });

  it('builds nothing after a scan that found something', () => {
    const agent = newAgent(SERVICE);
    writeFileSync(join(agent.state, 'trivy.exit'), '1');

    expect(run(agent).at(-1)).toMatchObject({ step: 'Scan the source', status: 1 });
  });

  it.each([
    [0, ''],
    [3, 'was not let into dev'],
    [5, 'the promotion goes on, and running this again follows it'],
    [1, 'did not land in dev'],
    [130, 'did not land in dev'],
  ])('ends as the CLI ends: %i', (code, says) => {
    const agent = newAgent(SERVICE);
    mkdirSync(agent.temp, { recursive: true });
    writeFileSync(join(agent.temp, 'conveyor.exit'), String(code));

    const ran = run(agent, {}, { jobs: ['dev.deploy', 'deploy'] });

    expect(ran.at(-1)).toMatchObject({ step: 'Deploy', status: code });
    expect(ran.at(-1)?.output).toContain(says);
  });

  it('runs no CLI but the one whose SHA-256 is given', () => {
    const agent = newAgent(SERVICE);

    const ran = run(agent, { cliSha256: 'f'.repeat(64) }, { jobs: ['dev.deploy', 'deploy'] });

    expect(ran.at(-1)).toMatchObject({ step: 'Install the CLI', status: 1 });
    expect(ran.at(-1)?.output).toContain(
      `has SHA-256 ${standIn.sha256}, not ${'f'.repeat(64)}; it was not run`,
    );
  });

  it.each([
    ['by an address', 'https://artifacts.forge.example/conveyor-0.1.0.tgz'],
    ['by a path of the repository', './tools/conveyor.tgz'],
  ])('installs the CLI %s', (_, cliPackage) => {
    const agent = newAgent(SERVICE);
    mkdirSync(join(agent.source, 'tools'));
    for (const file of [join(agent.source, 'tools/conveyor.tgz'), join(agent.state, 'download')])
      writeFileSync(file, readFileSync(standIn.file));

    const ran = run(agent, { cliPackage }, { jobs: ['dev.deploy', 'deploy'] });

    expect(ran.at(-1)).toMatchObject({ step: 'Deploy', status: 0 });
  });

  it.each([
    ['service', 'relay; rm -rf /', /service is 'relay\?\?rm/],
    ['service', 'relay\n##vso[task.setvariable variable=x]y', /lower-case letters/],
    ['context', '../other', /without '\.\.'/],
    ['cliPackage', 'conveyor', /packed release/],
    ['cliPackage', 'http://forge.example/conveyor.tgz', /packed release/],
    ['cliPackage', '@somebody/conveyor@1.0.0', /packed release/],
    ['cliSha256', '', /SHA-256 must be given/],
  ])('refuses, before anything runs, a %s like %j', (name, value, says) => {
    const agent = newAgent(SERVICE);

    const ran = run(agent, { [name]: value });

    expect(ran).toHaveLength(1);
    expect(ran[0]?.status).toBe(1);
    expect(ran[0]?.output).toMatch(says);
    expect(ran[0]?.output).not.toContain('##vso[');
    expect(calls(agent)).toEqual([]);
  });
});

describe('the tarball template', { timeout: 60_000 }, () => {
  const github = (agent: Agent, parameters: Record<string, string>) =>
    runPipeline(agent, {
      kind: 'tarball',
      system: 'github',
      jobs: ['deploy'],
      parameters: {
        service: 'relay',
        language: 'node',
        cliPackage: standIn.file,
        cliSha256: standIn.sha256,
        ...parameters,
      },
    });

  it('goes back to an older commit on GitHub', () => {
    const agent = newAgent(SERVICE);
    const sha = 'a'.repeat(40);

    github(agent, { environment: 'qa', sha });

    expect(called(agent)[0]?.args).toEqual(expect.arrayContaining(['qa', '--sha', sha]));
  });

  it.each([{ environment: 'production' }, { environment: 'qa', sha: 'main' }])(
    'refuses %j on GitHub',
    (odd) => {
      expect(github(newAgent(SERVICE), odd).at(-1)).toMatchObject({
        step: 'Check the parameters',
        status: 1,
      });
    },
  );

  it('installs our own CLI so that it runs with nothing beside it', async () => {
    const agent = newAgent(SERVICE);
    const real = packCli(folder, 'real', readFileSync(await bundleCli(folder), 'utf8'));

    const [ran] = runPipeline(agent, {
      kind: 'tarball',
      system: 'azure',
      jobs: ['dev.deploy'],
      only: ['Install the CLI'],
      parameters: {
        service: 'relay',
        language: 'node',
        cliPackage: real.file,
        cliSha256: real.sha256,
      },
    });

    expect(ran).toMatchObject({ status: 0 });
    const cli = join(agent.temp, 'conveyor/tools/conveyor/package/dist/conveyor.mjs');
    expect(
      execFileSync(process.execPath, [cli, '--help'], { cwd: agent.temp, encoding: 'utf8' }),
    ).toContain('Usage: conveyor');
  });
});
