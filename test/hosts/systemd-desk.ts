import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect } from 'vitest';
import { HOST_IMAGE } from '../../bin/twin/hosts/docker.ts';
import { renderScript } from '../../infra/documents/render-document.ts';
import {
  type AwsDesk,
  BUCKET,
  type ObjectFault,
  openAwsDesk,
  REGION,
  ROLE_KEYS,
} from './aws-desk.ts';
import type { Result } from './result.ts';
import type { Release } from './systemd-releases.ts';

const execute = promisify(execFile);

/** The document's script, as it is shipped. */
export const SCRIPT = renderScript('systemd');

export interface Run {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A service that was provisioned on the host: a unit, a folder, nothing else. */
export interface HostService {
  readonly name: string;
  readonly root: string;
  readonly unit: string;
  /** Puts the release into the bucket and asks the host for it; `more` overrides fields of the request. */
  deploy(release: Release, more?: object): Promise<Result>;
  put(release: Release, fault?: ObjectFault): void;
  observe(more?: object): Promise<Result>;
  restore(rejected: string, more?: object): Promise<Result>;
  /** The request of a deploy, for those who run the script in their own way. */
  requestOf(release: Release, more?: object): object;
  /** What the service itself answers; asked until it does, for 30 s at most. */
  answers(): Promise<string>;
  /** Which process runs: changes with every start. */
  invocation(): Promise<string>;
  log(): Promise<string>;
}

export interface SystemdDesk {
  readonly aws: AwsDesk;
  /** A shell command on the host, as root; its stdout. Fails as the command fails. */
  shell(command: string): Promise<string>;
  /** Runs a script there with this request, as the agent does it. `script` is a path on the host. */
  run(request: unknown, environment?: Record<string, string>, script?: string): Promise<Run>;
  write(path: string, content: string): Promise<void>;
  /** `unit` are more lines of its [Service]. */
  provision(name: string, ...unit: readonly string[]): Promise<HostService>;
}

const FLAGS = [
  ['--cap-add', 'SYS_ADMIN', '--security-opt', 'seccomp=unconfined'],
  ['--tmpfs', '/run', '--tmpfs', '/run/lock', '--tmpfs', '/tmp'],
  ['-v', '/sys/fs/cgroup:/sys/fs/cgroup', '-e', 'container=docker'],
  ['--add-host', 'host.docker.internal:host-gateway'],
].flat();

/** A host with a running systemd, and AWS as it sees it, for all tests of the file that calls this. */
export function openSystemdDesk(): SystemdDesk {
  const container = `conveyor-test-${randomUUID().slice(0, 8)}`;
  let aws: AwsDesk | undefined;
  let ports = 8000;

  const desk: SystemdDesk = {
    get aws() {
      if (aws === undefined) throw new Error('The desk is open within tests only');
      return aws;
    },
    async shell(command) {
      const { stdout } = await execute('docker', ['exec', container, 'sh', '-ec', command]);
      return stdout.trim();
    },
    run: (request, environment = {}, script = '/opt/conveyor.sh') => {
      const endpoint = `http://host.docker.internal:${desk.aws.port}`;
      const all = {
        SSM_Request: Buffer.from(JSON.stringify(request)).toString('base64'),
        AWS_ENDPOINT_URL: endpoint,
        AWS_EC2_METADATA_SERVICE_ENDPOINT: endpoint,
        ...environment,
      };
      const flags = Object.entries(all).flatMap(([name, value]) => ['-e', `${name}=${value}`]);
      return outcome(['exec', ...flags, container, 'dash', script]);
    },
    async write(path, content) {
      const child = execute('docker', ['exec', '-i', container, 'sh', '-c', `cat >'${path}'`]);
      child.child.stdin?.end(content);
      await child;
    },
    provision: async (name, ...unit) => {
      const port = ports++;
      await desk.write(`/etc/systemd/system/wardnet-${name}.service`, unitFile(name, port, unit));
      await desk.shell(`mkdir -p /srv/wardnet/${name}; systemctl daemon-reload`);
      return serviceOn(desk, name, port);
    },
  };

  beforeAll(async () => {
    aws = await openAwsDesk();
    await execute('docker', ['run', '-d', '--name', container, ...FLAGS, HOST_IMAGE, '/sbin/init']);
    await until(() => desk.shell('systemctl is-system-running || :'), /running|degraded/);
    await desk.write('/opt/conveyor.sh', SCRIPT);
  });

  afterAll(async () => {
    await execute('docker', ['rm', '-f', '-v', container]);
    await aws?.close();
  });

  return desk;
}

function serviceOn(desk: SystemdDesk, name: string, port: number): HostService {
  const root = `/srv/wardnet/${name}`;
  const unit = `wardnet-${name}.service`;
  const url = `http://127.0.0.1:${port}/health`;
  const common = { schema: 1, kind: 'systemd', service: name, environment: 'dev', region: REGION };
  const ask = async (request: object) => resultOf(await desk.run(request));
  const health = { url, seconds: 10 };
  const service: HostService = {
    name,
    root,
    unit,
    put: ({ version, bytes }, fault) => desk.aws.put(`${name}/${version}.tar.gz`, bytes, fault),
    requestOf: ({ version, digest }, more = {}) => ({
      ...{ ...common, action: 'deploy', version, digest, health, keep: 3, promotion: 'P-1' },
      source: { bucket: BUCKET, key: `${name}/${version}.tar.gz`, region: REGION },
      ...more,
    }),
    deploy: (release, more) => {
      service.put(release);
      return ask(service.requestOf(release, more));
    },
    observe: (more = {}) =>
      ask({ ...common, action: 'observe', health: { url, seconds: 3 }, ...more }),
    restore: (version, more = {}) =>
      ask({ ...common, action: 'restore', version, health, reason: 'it was held', ...more }),
    answers: () => until(() => desk.shell(`curl -sS --max-time 3 ${url}`), /./),
    invocation: () => desk.shell(`systemctl show --value -p InvocationID ${unit}`),
    log: () => desk.shell(`cat /var/log/conveyor/${name}.log`),
  };
  return service;
}

const unitFile = (name: string, port: number, more: readonly string[]) => `[Service]
ExecStart=/srv/wardnet/${name}/current/bin/serve ${port} ${name}
User=daemon
Restart=on-failure
RestartSec=300ms
${more.join('\n')}
`;

/** The one line that a script told. Whatever it told must be whole, short, and hold no key of the role. */
export function resultOf({ code, stdout, stderr }: Run): Result {
  expect(stdout, stderr).toMatch(/^\{.{0,2000}\}\n$/);
  expect(stdout + stderr).not.toContain(ROLE_KEYS.sessionToken);
  const result = JSON.parse(stdout) as Result;
  expect(code, stdout).toBe(result.state === 'running' ? 0 : 1);
  return result;
}

async function outcome(args: readonly string[]): Promise<Run> {
  try {
    return { code: 0, ...(await execute('docker', [...args])) };
  } catch (error) {
    const { code, stdout, stderr } = error as Error & Run;
    if (typeof code !== 'number') throw error;
    return { code, stdout, stderr };
  }
}

/** Asks until the answer is such, for 30 s at most. */
export async function until(ask: () => Promise<string>, wanted: RegExp): Promise<string> {
  const deadline = Date.now() + 30_000;
  for (;;) {
    const answer = await ask().catch((error) => `${error}`.replace(/^/, '\0'));
    if (!answer.startsWith('\0') && wanted.test(answer)) return answer;
    if (Date.now() > deadline) throw new Error(`Never answered ${wanted}: ${answer}`);
    await wait(200);
  }
}
