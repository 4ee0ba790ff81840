import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { bundleCli } from '../../bin/build-cli.ts';
import { NEXT } from '../../lambdas/view/next.ts';
import { dev, relay } from '../promote/shop.ts';
import { cannedReplies, sha, waiting } from './canned.ts';
import { type FakeApi, startFakeApi } from './fake-api.ts';
import { awsEnv } from './run.ts';
import { openServiceDesk, SHA } from './service-desk.ts';

const folder = mkdtempSync(join(tmpdir(), 'conveyor-cli-'));
let api: FakeApi;
let cli: string;

beforeAll(async () => {
  api = await startFakeApi();
  cli = await bundleCli(folder);
}, 60_000);
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await api.close();
});
beforeEach(() => cannedReplies(api));

/** The bundle as people start it, through a shell that ties its ends as told. */
function start(
  args: readonly string[],
  ends = '',
  env: Record<string, string> = {},
  cwd = resolve('examples/forge'),
) {
  const child = spawn(
    '/bin/sh',
    ['-c', `exec "$@" ${ends}`, 'sh', process.execPath, cli, ...args],
    {
      cwd,
      env: {
        PATH: process.env.PATH,
        HOME: folder,
        AWS_EC2_METADATA_DISABLED: 'true',
        ...awsEnv(api),
        ...env,
      },
      stdio: ['pipe', 'pipe', 'pipe'],
    },
  );
  const said = { out: '', err: '' };
  child.stdout.on('data', (chunk: Buffer) => {
    said.out += chunk;
  });
  child.stderr.on('data', (chunk: Buffer) => {
    said.err += chunk;
  });
  const ended = new Promise<{ code: number | null; out: string; err: string }>((done) =>
    child.on('close', (code) => done({ code, ...said })),
  );
  return { child, ended, said };
}

const VERBS = [
  ['status'],
  ['promote', 'payments', 'prod-wealth'],
  ['deploy', 'payments', 'prod-wealth', '--sha', sha],
  ['approve', waiting.id],
  ['reject', waiting.id, '--note', 'no'],
  ['rollback', 'payments', 'prod-wealth'],
  ['history'],
  ['why', 'payments', 'prod-wealth'],
  ['releases', 'payments'],
  ['validate'],
];

describe.each(VERBS)('conveyor %s, as a process', (...args) => {
  it('ends with 0 and its result in a pipe, and the same with stdin closed', async () => {
    const [piped, closed] = await Promise.all([start(args).ended, start(args, '<&-').ended]);
    expect([piped.code, closed.code]).toEqual([0, 0]);
    expect(piped.out).toMatch(/\S\n$/);
    expect(piped.out).not.toContain('\u001b');
  });

  it('prints pure JSON, whatever happens', async () => {
    const [good, bad] = await Promise.all([
      start([...args, '--json']).ended,
      start([...args, '--json', '--nonsense']).ended,
    ]);
    expect(JSON.parse(good.out).schema).toBe(`conveyor/v1/${args[0]}`);
    expect([bad.code, JSON.parse(bad.out).error.code]).toEqual([2, 'InvalidInput']);
  });
});

it('is interrupted by Ctrl-C with 130, at once, and leaves the promotion running', async () => {
  api.replies.set(`GET /promotions/${waiting.id}`, [{ body: { promotion: waiting } }]);
  const { child, ended, said } = start(['promote', 'payments', 'prod-wealth', '--wait']);
  await expect.poll(() => said.err, { timeout: 10_000 }).toContain('approval');
  child.kill('SIGINT');
  const { code, out, err } = await ended;
  expect([code, out]).toEqual([130, '']);
  expect(err).toMatch(
    new RegExp(`is still running: awaiting approval\\nnext: ${NEXT.follow(waiting.id)}\\n$`),
  );
}, 20_000);

it('says that there are no credentials, with 4, and never waits for any', async () => {
  const none = { AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: '', AWS_SESSION_TOKEN: '' };
  const { code, out } = await start(['status', '--json'], '', none).ended;
  expect([code, JSON.parse(out).error.code]).toEqual([4, 'NotAllowed']);
});

it('does not complain when its reader goes away', async () => {
  const { code, err } = await start(['history'], '| head -c 1').ended;
  expect([code, err]).toEqual([0, expect.not.stringContaining('EPIPE')]);
});

it('pushes and deploys from a service’s repository, its bundle as its sources', async () => {
  const desk = await openServiceDesk();
  const env = { ...awsEnv(desk.api), AWS_ENDPOINT_URL_S3: desk.s3.endpoint };

  const pushed = await start(['push', '--sha', SHA], '<&-', env, desk.root).ended;
  const deployed = await start(['deploy', 'relay', 'dev', '--sha', SHA], '<&-', env, desk.root)
    .ended;

  expect([pushed.code, pushed.out]).toEqual([0, expect.stringMatching(/^pushed relay /)]);
  expect([deployed.code, deployed.out]).toEqual([0, expect.stringContaining(SHA)]);
  expect(await desk.world.line(relay, dev)).toMatchObject({ landed: { version: SHA } });
});

it.each(['', '<&-', '</dev/null'])('init asks nobody where nobody is (%s)', async (ends) => {
  const { code, err } = await start(['init'], ends, {}, folder).ended;

  expect([code, err]).toEqual([2, expect.stringContaining('--environment <name>=<account>')]);
});
