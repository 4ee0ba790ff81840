import { execFile } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { HOST_IMAGE } from '../../bin/twin/hosts/docker.ts';
import { renderScript } from '../../infra/documents/render-document.ts';
import type { Result } from './result.ts';

const run = promisify(execFile);

/** The document's script, as it is shipped. */
export const SCRIPT = renderScript('compose');

export interface Ran {
  /** What the script's one line says. */
  readonly result: Result;
  /** Ended by a signal: no line. */
  readonly killed: boolean;
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** What the host has to start compositions with. `plugin` is `docker compose`. */
export type Tools = 'plugin' | 'docker-compose' | 'both' | 'neither';

const TIME_LIMIT = 240_000;

/** A container with systemd's Debian, the daemon of this machine, and its network: a host as far as compose can tell. */
export class ComposeHost {
  private constructor(
    private readonly container: string,
    /** The same path here, on the host and for the daemon. */
    readonly root: string,
    private readonly settings: Readonly<Record<string, string>>,
  ) {}

  static async start(settings: Record<string, string>, tools: Tools = 'docker-compose') {
    const root = await mkdtemp(join(tmpdir(), 'conveyor-host-'));
    const mounts = ['/var/run/docker.sock:/var/run/docker.sock', `${root}:${root}`];
    if (tools === 'plugin' || tools === 'both')
      mounts.push(`${await composePlugin(root)}:/usr/libexec/docker/cli-plugins/docker-compose:ro`);
    const { stdout } = await run('docker', [
      ...['run', '--detach', '--network', 'host', '--init'],
      ...mounts.flatMap((mount) => ['--volume', mount]),
      ...[HOST_IMAGE, 'sleep', '86400'],
    ]);
    const host = new ComposeHost(stdout.trim(), root, settings);
    if (tools === 'plugin' && (await composePluginIsReal()))
      await host.sh('rm /usr/bin/docker-compose');
    if (tools === 'plugin' && !(await composePluginIsReal()))
      await host.sh('mv /usr/bin/docker-compose /usr/bin/docker-compose-1');
    if (tools === 'neither') await host.sh('rm /usr/bin/docker-compose');
    return host;
  }

  /** A name for a service that no other test has, so that they can run beside each other. */
  newService(): { readonly service: string; readonly folder: string } {
    const service = `t${randomBytes(5).toString('hex')}`;
    return { service, folder: join(this.root, service) };
  }

  async sh(script: string, ...words: string[]): Promise<string> {
    const { stdout } = await run(
      'docker',
      ['exec', this.container, 'sh', '-c', script, 'sh', ...words],
      {
        maxBuffer: 1e8,
      },
    );
    return stdout;
  }

  /** Runs the document as the agent does: the request in the environment, the script as a file. */
  async run(request: unknown, script = SCRIPT): Promise<Ran> {
    const file = join(this.root, `_script-${randomBytes(6).toString('hex')}.sh`);
    await writeFile(file, script);
    const text = typeof request === 'string' ? request : JSON.stringify(request);
    const variables = {
      ...this.settings,
      SSM_Request: Buffer.from(text).toString('base64'),
    };
    const flags = Object.entries(variables).flatMap(([name, value]) => [
      '--env',
      `${name}=${value}`,
    ]);
    const ended = await run('docker', ['exec', ...flags, this.container, 'sh', file], {
      timeout: TIME_LIMIT,
      maxBuffer: 1e7,
    }).then(
      (said) => ({ ...said, code: 0 }),
      (error: { stdout: string; stderr: string; code: number | null }) => ({
        stdout: error.stdout,
        stderr: error.stderr,
        code: error.code ?? -1,
      }),
    );
    await rm(file);
    const killed = ended.code === 137;
    const result: Result = killed ? undefined : JSON.parse(ended.stdout);
    return { ...ended, killed, result };
  }

  log(service: string): Promise<string> {
    return this.sh(`cat "/var/log/conveyor/$1.log"`, service);
  }

  /** All containers, networks and images of these projects and this registry, the host itself, its folder. */
  async close(registry: string): Promise<void> {
    const script = `
      for project in $(ls "$1"); do
        docker ps -aq --filter "label=com.docker.compose.project=$project" | xargs -r docker rm -fv
        docker network ls -q --filter "label=com.docker.compose.project=$project" | xargs -r docker network rm
      done
      docker image ls -q "$2/*" | sort -u | xargs -r docker rmi -f
      rm -rf "$1"/*`;
    await this.sh(`{ ${script}\n} >/dev/null 2>&1 || :`, this.root, registry);
    await run('docker', ['rm', '--force', this.container]);
    await rm(this.root, { recursive: true, force: true });
  }
}

/** A composition of one service, by the pinned image unless told otherwise. */
export function composition(image: string, extra = ''): { text: string; digest: string } {
  const text = `version: '3.7'\nservices:\n  web:\n    image: ${image}\n    network_mode: host\n${extra}`;
  return encoded(text);
}

export function encoded(text: string): { text: string; digest: string } {
  const digest = `sha256:${createHash('sha256').update(text).digest('hex')}`;
  return { text: Buffer.from(text).toString('base64'), digest };
}

const PLUGIN =
  process.env.CONVEYOR_COMPOSE_PLUGIN ?? '/usr/libexec/docker/cli-plugins/docker-compose';

async function composePluginIsReal(): Promise<boolean> {
  return existsSync(PLUGIN);
}

/** The real plugin where this machine has one; else one that hands all on to docker-compose, for Debian 12 has no other. */
async function composePlugin(root: string): Promise<string> {
  if (await composePluginIsReal()) return PLUGIN;
  const file = join(root, '.docker-compose-plugin');
  const about = '{"SchemaVersion":"0.1.0","Vendor":"test","Version":"v2","ShortDescription":"x"}';
  await writeFile(
    file,
    `#!/bin/sh
if [ "$1" = docker-cli-plugin-metadata ]; then echo '${about}'; exit; fi
shift
for real in /usr/bin/docker-compose-1 /usr/bin/docker-compose; do
  [ ! -x "$real" ] || exec "$real" "$@"
done
`,
    { mode: 0o755 },
  );
  return file;
}
