import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
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
  readonly command: string;
  /** Where packages are, when there is no virtual environment. */
  readonly path?: string;
}

/** A Python with the emulator in a private place: a virtual environment, or `pip --target` where venv is missing. */
export async function preparePython(
  directory: string,
  say: (text: string) => void,
): Promise<Python> {
  const marker = join(directory, 'installed.json');
  const wanted = JSON.stringify(PACKAGES);
  if (existsSync(marker)) {
    const { packages, python } = JSON.parse(readFileSync(marker, 'utf8')) as {
      packages: string;
      python: Python;
    };
    if (packages === wanted && existsSync(python.command)) return python;
  }
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true });
  const system = await findPython();
  say('installing the AWS emulator (once)');
  const python = await install(system, directory);
  writeFileSync(marker, JSON.stringify({ packages: wanted, python }));
  return python;
}

/** The same Python with the fault proxy beside the emulator; nothing that runs from there is disturbed. */
export async function prepareFaultProxy(
  directory: string,
  say: (text: string) => void,
): Promise<Python> {
  const python = await preparePython(directory, say);
  const marker = join(directory, 'faults.json');
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

async function install(system: string, directory: string): Promise<Python> {
  const env = bareEnvironment();
  const quiet = [...PIP, ...PACKAGES];
  try {
    await run(system, ['-m', 'venv', join(directory, 'venv')], { env });
    const command = join(directory, 'venv', 'bin', 'python');
    await run(command, quiet, { env });
    return { command };
  } catch (error) {
    if (existsSync(join(directory, 'venv', 'bin', 'pip'))) throw error;
    const path = join(directory, 'packages');
    await run(system, [...quiet, '--target', path], { env });
    return { command: system, path };
  }
}
