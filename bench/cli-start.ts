import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundleCli } from '../bin/build-cli.ts';
import { conditions, median, milliseconds, runsFrom, say, table, times } from './support/report.ts';

const runs = runsFrom(20, 200);

say(`# CLI start

\`conveyor --help\`, the bundled command, against \`node -e 0\`: ${runs} runs each, alternating, after one of each that
is not counted. ${conditions()}
`);

const out = mkdtempSync(join(tmpdir(), 'conveyor-bench-'));
try {
  const cli = await bundleCli(out);
  const idle: number[] = [];
  const help: number[] = [];
  for (let i = 0; i <= runs; i++) {
    const [empty, full] = [run(['-e', '0']), run([cli, '--help'])];
    if (i === 0) continue;
    idle.push(empty);
    help.push(full);
  }
  say(
    table(
      ['command', 'median', 'slowest'],
      [
        ['node -e 0', milliseconds(median(idle)), milliseconds(Math.max(...idle))],
        ['conveyor --help', milliseconds(median(help)), milliseconds(Math.max(...help))],
      ],
    ),
  );
  say(
    `\nconveyor's own share: ${milliseconds(median(help) - median(idle))}, ${times(median(help) / median(idle))} of node alone.`,
  );
} finally {
  rmSync(out, { recursive: true, force: true });
}

function run(args: readonly string[]): number {
  const started = performance.now();
  execFileSync(process.execPath, args, { stdio: 'ignore', timeout: 30_000 });
  return performance.now() - started;
}
