import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { readConfig } from '../../infra/config.ts';
import { readDeployment } from '../../infra/deployment-file.ts';
import { type FakeApi, startFakeApi } from './fake-api.ts';
import { awsEnv, type RunOptions, run } from './run.ts';

let api: FakeApi;
beforeAll(async () => {
  api = await startFakeApi();
  Object.assign(process.env, awsEnv(api));
});
afterAll(() => api.close());

/** An empty repository whose origin is forge/forge-platform. */
function repository(): string {
  const folder = mkdtempSync(join(tmpdir(), 'conveyor-init-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const git = (...args: string[]) => execFileSync('git', args, { cwd: folder });
  git('init', '--quiet');
  git('remote', 'add', 'origin', 'https://token@github.com/forge/forge-platform.git');
  return folder;
}

const init = (cwd: string, args: readonly string[], given: RunOptions = {}) =>
  run(api, ['init', ...args, '--json'], { cwd, ...given });

const SERVICE = ['--service', '--platform', 'forge/forge-platform'];

describe('conveyor init, in a platform’s repository', () => {
  it('writes a conveyor.yaml that is valid, from what it finds and is told', async () => {
    const cwd = repository();

    const { code, json } = await init(cwd, [
      ...['--environment', 'dev=222222222222'],
      ...['--environment', 'prod-wealth=444444444444@eu-west-1'],
    ]);

    expect([code, json.data]).toEqual([
      0,
      { files: [{ file: 'conveyor.yaml', outcome: 'written' }] },
    ]);
    expect(readConfig(join(cwd, 'conveyor.yaml'))).toMatchObject({
      tools: { account: '111111111111', region: 'us-east-1' },
      ledger: { github: { owner: 'forge', repository: 'forge-platform', branch: 'main' } },
      environments: {
        dev: { account: '222222222222', region: 'us-east-1', promotion: 'auto' },
        'prod-wealth': { account: '444444444444', region: 'eu-west-1', promotion: 'manual' },
      },
      services: {},
    });
    expect((await run(api, ['validate'], { cwd })).code).toBe(0);
  });

  it('shows examples that are valid where their marks are taken away', async () => {
    const cwd = repository();
    await init(cwd, ['--environment', 'dev=222222222222', '--environment', 'null=333333333333']);
    const file = join(cwd, 'conveyor.yaml');

    const text = readFileSync(file, 'utf8')
      .replace('services: {}\n', '')
      .replace(/^# (people|groups| {2})/gm, '$1')
      .replace(/^(?= {2}relay:)/m, 'services:\n')
      .replace(/^ {4}approval:.*\n/m, '');
    writeFileSync(file, text);

    expect(readConfig(file)).toMatchObject({
      people: { ana: { name: 'Ana Ferreira' } },
      services: { relay: { stages: ['dev', 'null'] }, payments: { stages: ['dev', 'null'] } },
    });
  });

  it('names every flag that is missing, and asks nobody where nobody is', async () => {
    const cwd = repository();
    rmSync(join(cwd, '.git'), { recursive: true });

    const { code, json } = await init(cwd, []);

    expect([code, json.error?.code, json.error?.next]).toEqual([
      2,
      'InvalidInput',
      ['conveyor init --help'],
    ]);
    expect(json.error?.message).toMatch(
      /--platform <owner\/name>.*, --environment <name>=<account>$/,
    );
    expect(readdirSync(cwd)).toEqual([]);
  });

  it('asks at a terminal, proposes what it found, and says again what an answer must be', async () => {
    const cwd = repository();

    const { code, err } = await init(cwd, ['--region', 'eu-west-1'], {
      answers: ['', '12', '555555555555', 'dev', 'dev=222222222222 qa=333333333333'],
    });

    expect(code).toBe(0);
    expect(err.split('\n')).toEqual([
      'Which GitHub repository is the Ledger, that says what should run [forge/forge-platform]: ',
      'Which AWS account does Conveyor run in [111111111111]: ',
      'an AWS account id has 12 digits',
      'Which AWS account does Conveyor run in [111111111111]: ',
      'Which environments, in their order, like dev=222222222222 prod=444444444444: ',
      'dev is not written <name>=<account>, like dev=222222222222 (or dev=222222222222@eu-west-1)',
      'Which environments, in their order, like dev=222222222222 prod=444444444444: ',
      '',
    ]);
    expect(readConfig(join(cwd, 'conveyor.yaml')).tools).toEqual({
      account: '555555555555',
      region: 'eu-west-1',
    });
  });

  it('ends where the terminal ends or Ctrl-C comes, and asks nothing with --yes', async () => {
    const cwd = repository();

    const gone = await init(cwd, [], { answers: [] });
    const interrupted = AbortSignal.abort();
    const stopped = await init(cwd, [], { answers: [], interrupted });
    const yes = await init(cwd, ['--yes', '--environment', 'dev=222222222222'], { answers: [] });

    expect([gone.code, stopped.code, yes.code, yes.err]).toEqual([2, 130, 0, '']);
    expect(gone.err.match(/Which/g)).toHaveLength(1);
    expect(stopped.json.error).toMatchObject({
      code: 'Interrupted',
      message: 'nothing was written',
    });
  });
});

describe('conveyor init --service', () => {
  it('writes one file for each environment, valid and agreeing, from what it finds', async () => {
    const cwd = repository();
    mkdirSync(join(cwd, 'dist'));
    writeFileSync(join(cwd, 'package.json'), '{"name": "@forge/Wardnet_Relay"}');

    const { code, json } = await init(cwd, [
      ...SERVICE,
      '--environment',
      'dev',
      '--environment',
      'qa',
    ]);

    expect([code, json.data]).toEqual([
      0,
      {
        files: [
          { file: 'deployments/dev.yaml', outcome: 'written' },
          { file: 'deployments/qa.yaml', outcome: 'written' },
        ],
      },
    ]);
    expect(readDeployment(join(cwd, 'deployments/qa.yaml'))).toEqual({
      apiVersion: 'conveyor/v1',
      platform: { repository: 'forge/forge-platform' },
      service: 'wardnet-relay',
      artifact: { path: 'dist' },
    });
    expect((await run(api, ['validate'], { cwd })).code).toBe(0);
  });

  it('goes on from the files that are there, and leaves them as they are', async () => {
    const cwd = repository();
    const tarball = ['--tarball', 'out/relay.tar.gz'];
    await init(cwd, [...SERVICE, '--service', 'relay', '--environment', 'dev', ...tarball]);

    const { code, json } = await init(cwd, [
      '--service',
      '--environment',
      'dev',
      '--environment',
      'qa',
    ]);

    expect([code, json.data]).toEqual([
      0,
      {
        files: [
          { file: 'deployments/dev.yaml', outcome: 'unchanged' },
          { file: 'deployments/qa.yaml', outcome: 'written' },
        ],
      },
    ]);
    expect(readDeployment(join(cwd, 'deployments/qa.yaml')).artifact).toEqual({
      tarball: 'out/relay.tar.gz',
    });
  });

  it('replaces nothing that says something else, and writes nothing beside it, but with --force', async () => {
    const cwd = repository();
    mkdirSync(join(cwd, 'deployments'));
    const mine = join(cwd, 'deployments/dev.yaml');
    const text = `# mine\napiVersion: conveyor/v1\nplatform: { repository: a/b }\nservice: relay\nartifact: { path: out }\n`;
    writeFileSync(mine, text);
    const args = [...SERVICE, '--environment', 'dev', '--environment', 'qa', '--path', 'dist'];

    const refused = await init(cwd, args);
    const files = readdirSync(join(cwd, 'deployments'));
    const forced = await init(cwd, [...args, '--force']);

    expect([refused.code, refused.json.error?.code, files]).toEqual([1, 'Conflict', ['dev.yaml']]);
    expect(refused.json.error?.message).toBe(
      'deployments/dev.yaml is there already and says something else',
    );
    expect(forced.json.data).toMatchObject({
      files: [{ outcome: 'replaced' }, { outcome: 'written' }],
    });
  });

  it.each([
    [['--environment', 'Dev', '--path', 'dist'], '--environment: an environment is named'],
    [['--environment', 'dev', '--path', '../dist'], '--path: a path is relative'],
    [['--environment', 'dev', '--path', '/dist'], '--path: a path is relative'],
    [
      ['--environment', 'dev', '--path', 'a', '--tarball', 'b'],
      "cannot be used with option '--tarball",
    ],
  ])('%j is wrong usage, and nothing is written', async (args, message) => {
    const cwd = repository();

    const { code, json } = await init(cwd, [...SERVICE, ...args]);

    expect([code, json.error?.code]).toEqual([2, 'InvalidInput']);
    expect(json.error?.message).toContain(message);
    expect(readdirSync(cwd)).toEqual(['.git']);
  });
});
