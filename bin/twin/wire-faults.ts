import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { bareEnvironment } from './child-environment.ts';
import type { Places } from './layout.ts';
import { prepareFaultProxy } from './python.ts';

const READY_WITHIN_MS = 20_000;

/** A rule of microburst (its README, "Rules"): `times` calls of an operation meet this fault. */
export interface WireFault {
  readonly service: string;
  readonly operation: string;
  readonly times: number;
  /** So many meet it, so many pass, and again. @default every call meets it */
  readonly sequence?: { readonly fail: number; readonly pass: number };
  /** The call is refused in AWS's own words, and had no effect. */
  readonly error?: { readonly code: string; readonly status?: number };
  /** Milliseconds more. */
  readonly latency?: number;
  /** The call took effect, and its reply is cut off after so many bytes. */
  readonly response?: { readonly abort_bytes: number };
}

export interface Fired {
  readonly service: string;
  readonly operation: string;
  readonly action: string;
}

export interface WireFaults {
  readonly endpoint: URL;
  inject(faults: readonly WireFault[]): Promise<void>;
  /** What was really injected, by the proxy's own log. */
  fired(): Promise<readonly Fired[]>;
  stop(): Promise<void>;
}

/** microburst in front of the emulator: whoever calls through it may be throttled, delayed, or lose a reply. */
export async function startWireFaults(
  places: Places,
  upstream: URL,
  port: number,
  say: (text: string) => void,
): Promise<WireFaults> {
  const python = await prepareFaultProxy(places.python, say);
  const file = join(places.root, 'wire-faults.log');
  const log = openSync(file, 'w');
  const args = ['-m', 'microburst', '--no-resign', '--upstream', upstream.origin];
  const child = spawn(python.command, [...args, '--host', '127.0.0.1', '--port', String(port)], {
    stdio: ['ignore', log, log],
    env: {
      ...bareEnvironment(),
      ...(python.path !== undefined && { PYTHONPATH: python.path }),
    },
  });
  closeSync(log);
  const endpoint = new URL(`http://127.0.0.1:${port}`);
  const control = async (path: string, init?: RequestInit): Promise<unknown> => {
    const reply = await fetch(new URL(`/_microburst/${path}`, endpoint), init);
    if (!reply.ok) throw new Error(`The fault proxy: ${reply.status} ${await reply.text()}`);
    return reply.json();
  };
  const stop = async () => {
    if (child.exitCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await ended;
  };
  const deadline = Date.now() + READY_WITHIN_MS;
  while ((await control('health').catch(() => undefined)) === undefined) {
    if (child.exitCode !== null || Date.now() > deadline) {
      await stop();
      throw new Error(
        `The fault proxy did not start:\n${readFileSync(file, 'utf8').slice(-2_000)}`,
      );
    }
    await sleep(100);
  }
  return {
    endpoint,
    inject: async (faults) => {
      await control('rules', { method: 'POST', body: JSON.stringify(faults) });
    },
    fired: () => control('fired?limit=1000') as Promise<readonly Fired[]>,
    stop,
  };
}
