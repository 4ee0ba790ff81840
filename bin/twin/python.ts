import { createHash } from 'node:crypto';
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bareEnvironment } from './child-environment.ts';
import { run } from './run.ts';

/** The emulator, its version patched for by `emulator/launcher.py`; cryptography is for KMS, docker for hosts. */
const PACKAGES = ['ministack==1.5.33', 'cryptography==50.0.2', 'docker==7.1.0'];
/** A proxy that plays AWS's failures on the wire (MIT), for tests alone: installed beside it when first asked for. */
const FAULT_PACKAGES = ['microburst==0.10.0', 'aiohttp==3.14.5'];
const PIP = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check'];
const OLDEST = [3, 10] as const;

export interface Python {
  /** The directory of all that belongs to it. */
  readonly home: string;
  readonly command: string;
  /** Where packages are, when there is no virtual environment. */
  readonly path?: string;
}

/**
 * A Python with the emulator in a private place: a virtual environment, or `pip --target` where venv is missing. It is made
 * aside and renamed, so that two twins that start at once, or one that is stopped half way, leave a whole one.
 */
export async function preparePython(
  directory: string,
  say: (text: string) => void,
): Promise<Python> {
  const version = createHash('sha256').update(PACKAGES.join()).digest('hex').slice(0, 12);
  const place = join(directory, version);
  const there = await pythonIn(place);
  if (there !== undefined) return there;
  const system = await findPython();
  say('installing the AWS emulator (once)');
  const made = `${place}.${process.pid}`;
  try {
    await install(system, made);
    // What is in its place and is no good (its Python was upgraded) makes way.
    if ((await pythonIn(place)) === undefined) rmSync(place, { recursive: true, force: true });
    renameUnlessThere(made, place);
  } finally {
    rmSync(made, { recursive: true, force: true });
  }
  const installed = await pythonIn(place);
  if (installed === undefined) throw new Error(`${place} is gone again: start once more`);
  return installed;
}

function renameUnlessThere(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOTEMPTY' && code !== 'EEXIST') throw error;
  }
}

async function pythonIn(place: string): Promise<Python | undefined> {
  const command = commandIn(place);
  if (existsSync(command)) return { home: place, command };
  const path = join(place, 'packages');
  return existsSync(path) ? { home: place, command: await findPython(), path } : undefined;
}

const commandIn = (place: string) => join(place, 'venv', 'bin', 'python');

/** The same Python with the fault proxy beside the emulator; nothing that runs from there is disturbed. */
export async function prepareFaultProxy(
  directory: string,
  say: (text: string) => void,
): Promise<Python> {
  const python = await preparePython(directory, say);
  const marker = join(python.home, 'faults.json');
  const wanted = JSON.stringify(FAULT_PACKAGES);
  if (existsSync(marker) && readFileSync(marker, 'utf8') === wanted) return python;
  say('installing the fault proxy (once)');
  const where = python.path === undefined ? [] : ['--target', python.path];
  await run(python.command, [...PIP, ...FAULT_PACKAGES, ...where], { env: bareEnvironment() });
  writeFileSync(marker, wanted);
  return python;
}

async function findPython(): Promise<string> {
  for (const command of ['python3', 'python']) {
    const found = await run(
      command,
      ['-c', 'import sys; print(sys.executable, *sys.version_info[:2])'],
      { env: bareEnvironment() },
    ).catch(() => '');
    const [executable, major, minor] = found.trim().split(' ');
    if (executable && (Number(major) > OLDEST[0] || Number(minor) >= OLDEST[1])) return executable;
  }
  throw new Error(
    `The twin needs Python ≥ ${OLDEST.join('.')} for its AWS emulator, and found none on the PATH. Install it (Debian: apt-get install python3 python3-venv; macOS: brew install python) and start again.`,
  );
}

async function install(system: string, place: string): Promise<void> {
  const env = bareEnvironment();
  const quiet = [...PIP, ...PACKAGES];
  try {
    await run(system, ['-m', 'venv', join(place, 'venv')], { env });
    await run(commandIn(place), quiet, { env });
  } catch (error) {
    if (existsSync(join(place, 'venv', 'bin', 'pip'))) throw error;
    rmSync(join(place, 'venv'), { recursive: true, force: true });
    await run(system, [...quiet, '--target', join(place, 'packages')], { env });
  }
}
