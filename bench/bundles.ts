import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { bundleCli } from '../bin/build-cli.ts';
import { ROOT } from '../bin/twin/layout.ts';
import { bundleOf, bundleSize, entryPoints } from '../infra/support/bundle.ts';
import { conditions, median, milliseconds, runsFrom, say, table } from './support/report.ts';

const runs = runsFrom(5, 20);

say(`# Bundles

Every function's minified bundle, what it weighs compressed, and how long Node takes to load it: median of ${runs} of
\`node -e "import(bundle)"\`, alternating with \`node -e 0\`, whose median is taken off. Then the CLI.
${conditions()}
`);

/** What the functions' own schemas ask for at load (lambdas/runtime/env.ts), made up, as nothing is called. */
const ENVIRONMENT: Record<string, string> = {
  PATH: process.env.PATH ?? '',
  NODE_NO_WARNINGS: '1',
  AWS_REGION: 'us-east-1',
  ...Object.fromEntries(askedFor().map((name) => [name, 'https://bench.example/'])),
};

const rows = [...entryPoints().keys()].map((name) => {
  const file = join(bundleOf(name), 'index.mjs');
  return [name, kilobytes(bundleSize(name)), packed(file), milliseconds(loadTime(file))];
});
const whole = [...entryPoints().keys()].reduce((sum, name) => sum + bundleSize(name), 0);
say(table(['function', 'bytes', 'gzip', 'load'], rows));
say(`\n${rows.length} functions, ${kilobytes(whole)} in all.\n`);

const out = mkdtempSync(join(tmpdir(), 'conveyor-bench-'));
try {
  const entry = await bundleCli(out);
  const row = ['conveyor.mjs', kilobytes(statSync(entry).size), packed(entry)];
  say(table(['CLI', 'bytes', 'gzip'], [row]));
} finally {
  rmSync(out, { recursive: true, force: true });
}

function loadTime(file: string): number {
  const idle: number[] = [];
  const loaded: number[] = [];
  for (let i = 0; i < runs; i++) {
    idle.push(run('0'));
    loaded.push(run(`import(${JSON.stringify(file)})`));
  }
  return median(loaded) - median(idle);
}

function run(script: string): number {
  const started = performance.now();
  const { status, stderr } = spawnSync(process.execPath, ['-e', script], {
    env: ENVIRONMENT,
    timeout: 30_000,
    encoding: 'utf8',
  });
  if (status !== 0)
    throw new Error(
      `node -e ${script} ended with ${status}: ${/^\w*Error: .*$/m.exec(stderr)?.[0]}`,
    );
  return performance.now() - started;
}

function askedFor(): string[] {
  const files = readdirSync(join(ROOT, 'lambdas'), { recursive: true, encoding: 'utf8' });
  const texts = files
    .filter((file) => /\.tsx?$/.test(file))
    .map((file) => readFileSync(join(ROOT, 'lambdas', file), 'utf8'));
  const names = texts.flatMap((text) => [...text.matchAll(/\b([A-Z][A-Z_]{2,}): z\./g)]);
  return names.map(([, name]) => name ?? '').filter((name) => !name.startsWith('AWS_'));
}

function packed(file: string): string {
  return kilobytes(gzipSync(readFileSync(file)).byteLength);
}

function kilobytes(bytes: number): string {
  return `${Math.round(bytes / 1_000)} kB`;
}
