import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** An npm tarball with one command in it, as `npm pack` makes ours. */
export function packCli(
  folder: string,
  name: string,
  cli: string,
): { readonly file: string; readonly sha256: string } {
  const content = join(folder, name);
  mkdirSync(join(content, 'package', 'dist'), { recursive: true });
  writeFileSync(
    join(content, 'package', 'package.json'),
    '{"name":"@conveyor-aws/conveyor","type":"module"}',
  );
  writeFileSync(join(content, 'package', 'dist', 'conveyor.mjs'), cli);
  const file = join(folder, `${name}-0.1.0.tgz`);
  execFileSync('tar', ['-czf', file, '-C', content, 'package']);
  return { file, sha256: createHash('sha256').update(readFileSync(file)).digest('hex') };
}

/**
 * A command that notes, beside its HOME, how it was called and what it found where it started, and ends with the code
 * that stands in `conveyor.exit` there.
 */
export const STAND_IN = `
import { existsSync, readFileSync, appendFileSync, statSync, readlinkSync } from 'node:fs';
const look = (file) => existsSync(file)
  ? { text: readFileSync(file, 'utf8'), mode: (statSync(file).mode & 0o777).toString(8) }
  : undefined;
appendFileSync(process.env.HOME + '/conveyor-calls', JSON.stringify({
  args: process.argv.slice(2),
  epoch: process.env.SOURCE_DATE_EPOCH,
  run: look('dist/run'),
  deployment: look('deployments/dev.yaml')?.text,
  link: existsSync('dist/current') ? readlinkSync('dist/current') : undefined,
  git: existsSync('.git'),
  environment: Object.keys(process.env).sort(),
  r2: [process.env.R2_ACCESS_KEY_ID, process.env.R2_SECRET_ACCESS_KEY],
}) + '\\n');
const exit = process.env.HOME + '/conveyor.exit';
process.exit(existsSync(exit) ? Number(readFileSync(exit, 'utf8')) : 0);
`;

/** What one call of that command noted. */
export interface Called {
  readonly args: readonly string[];
  readonly epoch?: string;
  readonly run?: { readonly text: string; readonly mode: string };
  readonly deployment?: string;
  readonly link?: string;
  readonly git: boolean;
  /** Names of variables. */
  readonly environment: readonly string[];
  /** The access key and its secret. */
  readonly r2: readonly (string | undefined | null)[];
}
