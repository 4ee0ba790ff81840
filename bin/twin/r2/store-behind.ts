import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { bareEnvironment } from '../child-environment.ts';
import { SECRETS } from '../secrets.ts';

const READY_WITHIN_MS = 20_000;

/** What really keeps the objects of the twin's R2. */
export interface StoreBehind {
  readonly kind: 'versitygw' | 'emulator';
  readonly endpoint: URL;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  close(): Promise<void>;
}

/**
 * versitygw, an S3 server of another maker over a folder, where it is installed: as foreign to AWS as R2 is. Else the
 * emulator's S3, in an account of nobody else's.
 */
export async function startStoreBehind(options: {
  readonly emulator: URL;
  readonly port: number;
  readonly directory: string;
  readonly log: string;
}): Promise<StoreBehind> {
  const program = findVersitygw();
  if (program === undefined)
    return {
      kind: 'emulator',
      endpoint: options.emulator,
      credentials: { accessKeyId: '555555555555', secretAccessKey: SECRETS.r2 },
      close: async () => {},
    };
  const credentials = { accessKeyId: 'twin-r2-key', secretAccessKey: SECRETS.r2 };
  mkdirSync(options.directory, { recursive: true });
  const log = openSync(options.log, 'w');
  const address = `127.0.0.1:${options.port}`;
  const child = spawn(
    program,
    ['--quiet', '--region', 'auto', '--port', address, 'posix', options.directory],
    {
      stdio: ['ignore', log, log],
      env: {
        ...bareEnvironment(),
        ROOT_ACCESS_KEY: credentials.accessKeyId,
        ROOT_SECRET_KEY: credentials.secretAccessKey,
      },
    },
  );
  closeSync(log);
  const endpoint = new URL(`http://${address}`);
  await untilAnswering(endpoint, child, options.log);
  return { kind: 'versitygw', endpoint, credentials, close: () => stop(child) };
}

function findVersitygw(): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  return folders.map((folder) => join(folder, 'versitygw')).find((file) => existsSync(file));
}

async function untilAnswering(endpoint: URL, child: ChildProcess, log: string): Promise<void> {
  const deadline = Date.now() + READY_WITHIN_MS;
  while (child.exitCode === null && Date.now() < deadline) {
    if (await fetch(endpoint).catch(() => undefined)) return;
    await sleep(50);
  }
  await stop(child);
  throw new Error(`versitygw did not start:\n${readFileSync(log, 'utf8').slice(-2_000)}`);
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.kill('SIGTERM');
  await ended;
}
