import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { bareEnvironment } from './child-environment.ts';
import { ACCOUNTS, type AccountName, type Places, type Ports, REGION, ROOT } from './layout.ts';
import { preparePython } from './python.ts';

const READY_WITHIN_MS = 60_000;
const STOP_WITHIN_MS = 15_000;

export interface Emulator {
  readonly endpoint: URL;
  stop(): Promise<void>;
}

/**
 * Starts the AWS emulator through our launcher, on loopback only, with its state below `.twin`.
 * @param environment what it needs to start hosts
 */
export async function startEmulator(
  places: Places,
  ports: Ports,
  say: (text: string) => void,
  environment: Readonly<Record<string, string>> = {},
): Promise<Emulator> {
  const python = await preparePython(places.python, say);
  for (const directory of [places.state, places.objects]) mkdirSync(directory, { recursive: true });
  const log = openSync(places.emulatorLog, 'w');
  const registries = Object.entries(ports.registries).map(([name, port]) => [
    ACCOUNTS[name as AccountName],
    port,
  ]);
  const child = spawn(python.command, [join(ROOT, 'bin/twin/emulator/launcher.py')], {
    cwd: places.root,
    // A group of its own: a Ctrl-C at the terminal reaches the twin first, which stops the emulator in order.
    detached: true,
    stdio: ['ignore', log, log],
    env: {
      ...bareEnvironment(),
      PATH: `${join(process.execPath, '..')}:${process.env['PATH'] ?? ''}`,
      ...(python.path !== undefined && { PYTHONPATH: python.path }),
      PYTHONDONTWRITEBYTECODE: '1',
      GATEWAY_PORT: String(ports.emulator),
      BIND_HOST: '127.0.0.1',
      MINISTACK_REGION: REGION,
      PERSIST_STATE: '1',
      STATE_DIR: places.state,
      S3_PERSIST: '1',
      S3_DATA_DIR: places.objects,
      LOG_LEVEL: 'WARNING',
      TWIN_PORT: String(ports.emulator),
      TWIN_INBOX: `http://127.0.0.1:${ports.inbox}`,
      TWIN_CONTROL: places.control,
      TWIN_REGISTRY_PORTS: JSON.stringify(Object.fromEntries(registries)),
      ...environment,
    },
  });
  closeSync(log);
  const endpoint = new URL(`http://127.0.0.1:${ports.emulator}`);
  await untilHealthy(endpoint, child, places.emulatorLog);
  return { endpoint, stop: () => stop(child) };
}

async function untilHealthy(endpoint: URL, child: ChildProcess, log: string): Promise<void> {
  const deadline = Date.now() + READY_WITHIN_MS;
  while (Date.now() < deadline) {
    if (child.exitCode !== null)
      throw new Error(
        `The AWS emulator did not start:\n${readFileSync(log, 'utf8').slice(-2_000)}`,
      );
    const reply = await fetch(new URL('/_ministack/health', endpoint)).catch(() => undefined);
    if (reply?.ok) return;
    await sleep(100);
  }
  await stop(child);
  throw new Error(
    `The AWS emulator was not ready within ${READY_WITHIN_MS / 1_000} s; its log: ${log}`,
  );
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  process.kill(child.pid, 'SIGTERM');
  const inTime = await Promise.race([
    ended.then(() => true),
    sleep(STOP_WITHIN_MS, false, { ref: false }),
  ]);
  // The functions' processes are in the emulator's group: nothing of it stays behind.
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // The whole group is gone already.
  }
  if (!inTime) await ended;
}
