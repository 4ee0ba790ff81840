import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Kept between runs, beside what npm and pip keep: a fresh checkout does not fetch again. */
const CACHE = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'conveyor-test-tools');

/** What `.ci/install-go-tools` makes. */
const BUILT = fileURLToPath(new URL('../../../.ci/tools/bin', import.meta.url));

/** check-jsonschema (Apache-2.0) brings Microsoft's schema of Azure Pipelines (MIT) along, unchanged. */
const SCHEMA = {
  from: 'check-jsonschema==0.39.0',
  wheel: 'check_jsonschema-0.39.0-py3-none-any.whl',
  file: 'check_jsonschema/builtin_schemas/vendor/azure-pipelines.json',
  sha256: 'f00a9630f6550204148634d9a13f634b5750a225559886effe09a751482f0459',
};

export const has = (command: string) =>
  spawnSync('bash', ['-c', 'command -v "$1"', 'has', command]).status === 0;

function run(command: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): string {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    encoding: 'utf8',
    env: { ...process.env, ...env },
    maxBuffer: 16 * 1024 * 1024,
  });
  if (status !== 0)
    throw new Error(`${command} ${args.join(' ')} failed: ${error?.message ?? stderr}`);
  return stdout;
}

/** @throws Error that says how to install it. */
export function findActionlint(): string {
  const built = join(BUILT, 'actionlint');
  if (existsSync(built)) return built;
  if (has('actionlint')) return 'actionlint';
  throw new Error(
    'The workflows are checked by actionlint. Run .ci/install-go-tools, which builds it in a few minutes, or put it on the PATH.',
  );
}

/** @throws Error that says what to install. */
export function findShellcheck(): string {
  if (has('shellcheck')) return 'shellcheck';
  throw new Error(
    'The scripts of the templates are checked by shellcheck. Install it (Debian: apt-get install shellcheck; macOS: brew install shellcheck).',
  );
}

/**
 * The schema that Microsoft publishes for Azure Pipelines (microsoft/azure-pipelines-vscode, service-schema.json).
 *
 * @throws Error that says what to install, or that other bytes came.
 */
export function azureSchema(): Record<string, unknown> {
  const kept = join(CACHE, `azure-pipelines-${SCHEMA.sha256.slice(0, 12)}.json`);
  if (!existsSync(kept)) fetchSchema(kept);
  const text = readFileSync(kept);
  const found = createHash('sha256').update(text).digest('hex');
  if (found !== SCHEMA.sha256)
    throw new Error(`${kept} has SHA-256 ${found}, not ${SCHEMA.sha256}; delete it`);
  return JSON.parse(text.toString('utf8')) as Record<string, unknown>;
}

function fetchSchema(kept: string): void {
  if (!has('python3'))
    throw new Error(
      'The Azure templates are checked by a schema that pip brings. Install python3 with venv.',
    );
  const fresh = `${kept}.${process.pid}`;
  mkdirSync(fresh, { recursive: true });
  // Debian's own Python has no pip, but a virtual environment has.
  run('python3', ['-m', 'venv', join(fresh, 'venv')]);
  run(join(fresh, 'venv', 'bin', 'python'), [
    ...['-m', 'pip', 'download', '--quiet', '--disable-pip-version-check', '--no-deps'],
    ...['--dest', fresh, SCHEMA.from],
  ]);
  run('python3', ['-m', 'zipfile', '--extract', join(fresh, SCHEMA.wheel), fresh]);
  renameSync(join(fresh, SCHEMA.file), kept);
  run('rm', ['-rf', fresh]);
}
