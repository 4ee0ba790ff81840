import { execFile, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { expect } from 'vitest';
import { HOST_IMAGE } from '../../bin/twin/hosts/docker.ts';
import { ServiceName } from '../../lambdas/domain/names.ts';
import { hostPlaces } from '../../lambdas/provision/host-places.ts';
import {
  type ProvisionReport,
  parseProvisionReport,
} from '../../lambdas/provision/provision-report.ts';

const run = promisify(execFile);
const FOLDER = 'infra/documents';
const read = (name: string) => readFileSync(`${FOLDER}/${name}`, 'utf8');

export const BOOTSTRAP_TEXT = read('bootstrap.sh');
/** As the document has it: what is common, then its own. */
export const SCRIPT = ['common', 'provision-look', 'provision-parts', 'provision']
  .map((part) => read(`${part}.sh`))
  .join('\n');

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Host {
  readonly name: string;
  /** A command as root; its stdout. Throws where it fails. */
  sh(command: string, input?: string | Uint8Array): Promise<string>;
  try(command: string, env?: Readonly<Record<string, string>>): Promise<Ran>;
  /** The document's step with that Request. */
  provision(request: string): Promise<Ran & { readonly report: ProvisionReport }>;
  remove(): Promise<void>;
}

/** A Debian machine with systemd in a container; its AWS is wherever `endpoint` says. */
export async function startHost(endpoint: string): Promise<Host> {
  const flags = [
    '--cap-add',
    'SYS_ADMIN',
    '--security-opt',
    'seccomp=unconfined',
    '--tmpfs',
    '/run',
  ];
  const mounts = ['--tmpfs', '/run/lock', '--tmpfs', '/tmp', '-v', '/sys/fs/cgroup:/sys/fs/cgroup'];
  const env = [
    ...['-e', 'container=docker', '-e', `AWS_ENDPOINT_URL=${endpoint}`],
    ...['--add-host', 'host.docker.internal:host-gateway'],
    ...['-e', `AWS_EC2_METADATA_SERVICE_ENDPOINT=${endpoint}`],
  ];
  const { stdout } = await run('docker', [
    ...['run', '--detach', ...flags, ...mounts, ...env],
    ...[HOST_IMAGE, '/lib/systemd/systemd'],
  ]);
  const name = stdout.trim();

  async function attempt(
    command: string,
    env: Readonly<Record<string, string>> = {},
  ): Promise<Ran> {
    const given = Object.entries(env).flatMap(([key, value]) => ['-e', `${key}=${value}`]);
    return exec(['exec', ...given, name, 'sh', '-c', command]);
  }
  async function sh(command: string, input?: string | Uint8Array) {
    const ran = await exec(['exec', '-i', name, 'sh', '-c', command], input);
    if (ran.code !== 0) throw new Error(`${command}: exit code ${ran.code}\n${ran.stderr}`);
    return ran.stdout;
  }

  await until('systemd is up', async () => {
    const { stdout: state } = await attempt('systemctl is-system-running');
    return /running|degraded/.test(state);
  });
  await sh('cat >/opt/provision.sh', SCRIPT);
  return {
    name,
    sh,
    try: attempt,
    async provision(request) {
      const ran = await attempt('sh /opt/provision.sh', { SSM_Request: request });
      expect(ran.stdout.split('\n'), ran.stdout).toHaveLength(2);
      expect(ran.stdout.length).toBeLessThanOrEqual(2_000);
      return { ...ran, report: parseProvisionReport(name, ran.stdout) };
    },
    async remove() {
      await run('docker', ['rm', '--force', '--volumes', name]);
    },
  };
}

/** What a release starts, unless it is told otherwise: it runs for as long as it is let. */
const FOR_EVER = '#!/bin/sh\nsleep 100000 & wait $!\n';

/** Something that runs, as a deployment would leave it: what provisioning never touches. */
export async function deployRelease(host: Host, service: string, start = FOR_EVER): Promise<void> {
  const { folder } = hostPlaces(ServiceName.parse(service));
  await host.sh(
    `set -e; cd ${folder}; mkdir -p releases/v1/bin; cat >releases/v1/bin/start
     chmod 0755 releases/v1/bin/start; ln -sfn releases/v1 current`,
    start,
  );
}

/** All that the container's folders of scaffolding and releases are: who, how open, when, which bytes. */
export const LISTING =
  "find /etc/wardnet /srv/wardnet /usr/local/lib/conveyor /etc/systemd/system/wardnet-* -printf '%p %u:%g %m %i %T@ %l\\n' | sort";

export async function until(what: string, isSo: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 60_000;
  while (!(await isSo())) {
    if (performance.now() > deadline) throw new Error(`it never came to be that ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

/** docker with something on its stdin; its exit code is the command's. */
function exec(args: readonly string[], input?: string | Uint8Array): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const child = spawn('docker', args, { stdio: ['pipe', 'pipe', 'pipe'], timeout: 120_000 });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    child.once('error', reject);
    child.once('close', (code) => resolve({ code: code ?? -1, stdout, stderr }));
    child.stdin.end(input ?? '');
  });
}
