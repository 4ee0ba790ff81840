import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, mkdtemp, rm, writeFile } from 'node:fs/promises';
import http from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SystemClock } from '../../lambdas/adapters/system-clock.ts';

export interface RunningRegistry {
  readonly endpoint: URL;
  stop(): Promise<void>;
}

const READY_WITHIN_TRIES = 200;

/** A real registry (CNCF distribution) on a free loopback port, its data in a directory of its own. */
export async function startRegistry(): Promise<RunningRegistry> {
  const binary = process.env.CONVEYOR_REGISTRY ?? '/usr/bin/docker-registry';
  await access(binary).catch(() => {
    throw new Error(
      `No registry at ${binary}: apt-get install docker-registry, or set CONVEYOR_REGISTRY to distribution's binary`,
    );
  });
  const directory = await mkdtemp(join(tmpdir(), 'conveyor-registry-'));
  const port = await freePort();
  const config = join(directory, 'config.yml');
  await writeFile(config, configuration(directory, port));
  const child = spawn(binary, ['serve', config], { stdio: ['ignore', 'ignore', 'pipe'] });
  const words: Buffer[] = [];
  child.stderr.on('data', (chunk: Buffer) => words.push(chunk));

  const stop = async (): Promise<void> => {
    if (child.exitCode === null && child.kill()) await once(child, 'exit');
    await rm(directory, { recursive: true, force: true });
  };
  const endpoint = new URL(`http://127.0.0.1:${port}`);
  if (await isReady(endpoint, child)) return { endpoint, stop };
  await stop();
  throw new Error(`${binary} did not start:\n${Buffer.concat(words).toString('utf8')}`);
}

function configuration(directory: string, port: number): string {
  // JSON is YAML. Its own log at `error`: it says a line per request otherwise.
  return JSON.stringify({
    version: '0.1',
    log: { level: 'error', accesslog: { disabled: true } },
    storage: { filesystem: { rootdirectory: join(directory, 'data') } },
    http: { addr: `127.0.0.1:${port}` },
  });
}

async function isReady(endpoint: URL, child: ChildProcess): Promise<boolean> {
  const clock = new SystemClock();
  for (let tries = 0; tries < READY_WITHIN_TRIES && child.exitCode === null; tries++) {
    if (await answers(endpoint)) return true;
    await clock.sleep(50);
  }
  return false;
}

function answers(endpoint: URL): Promise<boolean> {
  return new Promise((resolve) => {
    const request = http.get(new URL('/v2/', endpoint), (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    request.on('error', () => resolve(false));
  });
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
