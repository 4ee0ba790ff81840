import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { openContext } from '../../bin/cli/context.ts';
import { failed, type Outcome } from '../../bin/cli/outcome.ts';
import type { openAccount } from '../../bin/cli/ssm/open-account.ts';
import { bringByHand, type SsmOptions } from '../../bin/cli/verbs/ssm.ts';
import { digestOf } from '../../lambdas/domain/digest.ts';
import { Unavailable } from '../../lambdas/domain/errors.ts';
import type { Place } from '../../lambdas/domain/place.ts';
import { FixedClock } from '../fakes/fixed-clock.ts';
import { MemoryFleet } from '../fakes/memory-fleet.ts';

const OLD = 'a'.repeat(40);
const NEW = 'b'.repeat(40);
const GATEWAY = 'wardnet:gateway-enabled=true';
const ARN = 'arn:aws:sts::444455556666:assumed-role/OnCall/alice@example.com';
const running = (version: string) => ({ version, digest: digestOf(version) });

let clock: FixedClock;
let fleet: MemoryFleet;
let said: string;
let looked: { place: Place; version: string }[];
const folders: string[] = [];
afterAll(() => folders.forEach((folder) => void rmSync(folder, { recursive: true })));

beforeEach(() => {
  clock = new FixedClock('2026-03-01T12:00:00.000Z');
  fleet = new MemoryFleet(clock);
  for (let n = 0; n < 4; n += 1) fleet.add(GATEWAY, running(NEW));
  said = '';
  looked = [];
});

const open: typeof openAccount = async () => ({
  caller: { account: '444455556666', arn: ARN },
  hosts: fleet,
  commands: fleet,
  digestOf: async (place, version) => {
    looked.push({ place, version });
    return [OLD, NEW, '1041'].includes(version) ? digestOf(version) : undefined;
  },
});

interface Given extends Partial<SsmOptions> {
  readonly answers?: readonly string[];
  readonly interrupted?: AbortSignal;
  readonly cwd?: string;
}

async function ssm({ answers, interrupted, cwd, ...options }: Given = {}): Promise<Outcome> {
  const left = [...(answers ?? [])];
  const io = {
    out: () => {},
    err: (text: string) => {
      said += text;
    },
    errIsTty: false,
    env: {},
    cwd: cwd ?? 'examples/forge',
    interrupted: interrupted ?? new AbortController().signal,
    ...(answers && { prompt: async () => left.shift() }),
  };
  const asked = { service: 'gateway', environment: 'prod-wealth', tag: OLD, timeout: '30m' };
  const given = { ...asked, yes: answers === undefined, ...options };
  return bringByHand(openContext(io, clock, {}, 'ssm'), given, open).catch((error) =>
    failed(error, 'ssm'),
  );
}

const requests = () =>
  fleet.sent.map(({ command }) =>
    JSON.parse(Buffer.from(command.request, 'base64').toString('utf8')),
  );

describe('conveyor ssm', () => {
  it('brings every host to the version, in the waves of conveyor.yaml, and ends by what they run', async () => {
    const outcome = await ssm();

    expect(outcome.exit).toBe(0);
    expect(fleet.hosts.map((host) => host.running?.version)).toEqual([OLD, OLD, OLD, OLD]);
    expect(outcome.text).toContain('4 of 4 hosts run it.');
    const deployed = requests().filter(({ action }) => action === 'deploy');
    expect(deployed).toHaveLength(3);
    expect(deployed[0]).toMatchObject({
      ...{ service: 'gateway', environment: 'prod-wealth', version: OLD, kind: 'systemd' },
      root: '/srv/wardnet/gateway',
      unit: 'wardnet-gateway.service',
      digest: digestOf(OLD),
    });
    expect(said).toContain(`past gates and approvals, as ${ARN}`);
    expect(said).toContain('wave 2 of 3: 1 of 4 hosts run it');
  });

  it('marks on the hosts who did it, and proposes the rollback that tells Conveyor', async () => {
    const outcome = await ssm();

    expect(requests().every(({ hold }) => hold === ARN)).toBe(true);
    expect(outcome.next).toEqual([`conveyor rollback gateway prod-wealth --to ${OLD}`]);
  });

  it('looks the version up where the environment has its artifacts, and sends nothing without it', async () => {
    const outcome = await ssm({ tag: 'c'.repeat(40) });

    expect(looked[0]?.place).toMatchObject({
      environment: 'prod-wealth',
      key: `gateway/${'c'.repeat(40)}.tar.gz`,
    });
    expect(outcome).toMatchObject({ exit: 1, error: { code: 'ArtifactMissing' } });
    expect(fleet.sent).toEqual([]);
  });

  it('takes the compose file from a checkout of the Ledger', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'by-hand-'));
    folders.push(folder);
    cpSync('examples/forge/ledger', folder, { recursive: true });
    fleet.add('forge:dagster-enabled=true', running('1042'));

    const lost = await ssm({ service: 'dagster', tag: '1041', ledger: '/nowhere' });
    expect(lost).toMatchObject({ exit: 1, error: { code: 'LedgerInvalid' } });
    const outcome = await ssm({ service: 'dagster', tag: '1041', ledger: folder });

    expect(outcome.exit).toBe(0);
    const [asked] = requests();
    expect(Buffer.from(asked.composeFile.text, 'base64').toString('utf8')).toContain('services:');
    expect(asked.image).toMatch(/\/forge\/dagster$/);
  });

  it('goes to one host alone where it is named', async () => {
    const [, second] = fleet.hosts;
    const outcome = await ssm({ host: [second?.instance ?? ''] });

    expect(outcome.exit).toBe(0);
    expect(fleet.hosts.map((host) => host.running?.version)).toEqual([NEW, OLD, NEW, NEW]);
  });

  it('ends as failed where a host does not run it, and says which and why', async () => {
    fleet.hosts[0]?.faults.add('unhealthy');
    const outcome = await ssm();

    expect(outcome).toMatchObject({ exit: 1, error: { code: 'HostsRestored' } });
    expect(outcome.text).toContain(`restored  still runs ${NEW}: the health check failed`);
    expect(fleet.hosts.map((host) => host.running?.version)).toEqual([NEW, NEW, NEW, NEW]);
  });

  it('believes what hosts run, not how their scripts ended', async () => {
    for (const host of fleet.hosts) host.faults.add('lies');

    expect((await ssm()).exit).toBe(1);
  });

  it('asks at a terminal for the name of the service, and takes nothing else', async () => {
    expect(await ssm({ answers: ['yes'] })).toMatchObject({ exit: 2 });
    expect(await ssm({ answers: [] })).toMatchObject({ exit: 2 });
    expect(await ssm({ yes: false })).toMatchObject({ exit: 2 });
    expect(fleet.sent).toEqual([]);
    expect(await ssm({ answers: ['gateway'] })).toMatchObject({ exit: 0 });
  });

  it('goes on where a reply is lost, and sends no command twice', async () => {
    fleet.lostReplies = 1;
    const send = fleet.send.bind(fleet);
    fleet.send = async (command) =>
      send(command).catch(() => {
        throw new Unavailable('the reply was lost');
      });

    expect((await ssm()).exit).toBe(0);
    expect(new Set(fleet.sent.map(({ command }) => command.comment)).size).toBe(fleet.sent.length);
  });

  it('stops waiting by Ctrl-C or in time, and says that those who were told go on', async () => {
    for (const host of fleet.hosts) host.faults.add('mute');

    const late = await ssm({ timeout: '1m' });
    expect(late).toMatchObject({ exit: 5, error: { code: 'StillRunning' } });
    expect(late.error?.message).toContain('those that were told go on');
    expect(await ssm({ interrupted: AbortSignal.abort() })).toMatchObject({ exit: 130 });
  });

  it.each([
    ['--tag', { tag: 'latest' }],
    ['--tag', { tag: '$(reboot)' }],
    ['<service>', { service: "gate'way" }],
    ['<environment>', { environment: 'prod wealth' }],
    ['--host', { host: ['i-1;reboot'] }],
    ['payments does not run on hosts', { service: 'payments' }],
    ['no stage', { environment: 'dev2' }],
    ['conveyor.yaml', { cwd: tmpdir() }],
  ])('refuses what cannot be right: %s', async (named, given) => {
    const outcome = await ssm(given);

    expect(outcome.exit).toBe(2);
    expect(outcome.error?.message).toContain(named);
    expect(fleet.sent).toEqual([]);
  });
});
