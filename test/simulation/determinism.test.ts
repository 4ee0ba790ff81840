import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { effort } from '../effort.ts';
import { sources } from '../sources.ts';
import { drawScenario } from './scenario.ts';
import { simulate } from './simulate.ts';

const SEEDS = Array.from({ length: effort(10, 500) }, (_, n) => n + 1);
const run = promisify(execFile);

describe('one seed', () => {
  it(`is one course of events, byte for byte: ${SEEDS.length} seeds, each twice`, async () => {
    const fingerprint = async (seed: number) => (await simulate(drawScenario(seed))).fingerprint;
    const prints: string[] = [];
    for (const seed of SEEDS) prints.push(await fingerprint(seed));

    const again: string[] = [];
    for (const seed of SEEDS) again.push(await fingerprint(seed));

    expect(again).toEqual(prints);
    expect(new Set(prints).size).toBe(SEEDS.length);
  }, 600_000);

  it.each([
    { TZ: 'Asia/Kathmandu', LANG: 'tr_TR.UTF-8', LC_ALL: 'tr_TR.UTF-8' },
    { TZ: 'America/St_Johns', LANG: 'C', LC_ALL: 'C' },
  ])(
    'is the same in another process, at $TZ in $LANG',
    async (elsewhere) => {
      const main = ['--import', 'tsx', 'test/simulation/main.ts', '--seed', '7', '--trace'];
      const env = { ...process.env, NODE_OPTIONS: '', ...elsewhere };

      const { stdout } = await run(process.execPath, main, { env, maxBuffer: 64 * 1024 * 1024 });

      const { fingerprint } = await simulate(drawScenario(7));
      expect(stdout).toContain(`fingerprint ${fingerprint}\n`);
    },
    600_000,
  );
});

/**
 * Where time and chance may come from outside: the clock of the real thing, and what says how long a run took. The
 * worker's platform has the names of such things, each made of a simulated clock.
 */
const ALLOWED = [
  'lambdas/adapters/system-clock.ts',
  'test/simulation/main.ts',
  'test/simulation/world/worker-platform.ts',
];
const FROM_OUTSIDE =
  /\bDate\.now\b|\bnew Date\(\s*\)|\bDate\(\s*\)|\bMath\.random\b|\brandomUUID\b|\bgetRandomValues\b|(?<![\w.])(?:setTimeout|setInterval)\b|\bperformance\b|\bhrtime\b/;

describe('time and chance', () => {
  it('come from the clock alone, in all that ships and all that simulates it', () => {
    const all = sources('lambdas', 'test/simulation');

    const wrong = all
      .filter(({ path }) => !ALLOWED.includes(path) && !path.endsWith('determinism.test.ts'))
      .flatMap(({ path, lines }) =>
        lines
          .map((line) => line.replace(/^\s*(\*|\/\/|\/\*).*$/, ''))
          .filter((line) => FROM_OUTSIDE.test(line))
          .map((line) => `${path}: ${line.trim()}`),
      );

    expect(wrong).toEqual([]);
  });

  it.each([
    'const at = Date.now();',
    'const at = new Date();',
    'const id = randomUUID();',
    'if (Math.random() < 0.5) return;',
    'setTimeout(go, 1_000);',
    'await new Promise((go) => setInterval(go, 5));',
    'const began = performance.now();',
  ])('would say no to %s', (line) => {
    expect(FROM_OUTSIDE.test(line)).toBe(true);
  });

  it.each([
    'const at = new Date(loop.now());',
    'await clock.sleep(1_000);',
    'const next = clock.random();',
  ])('lets %s be', (line) => {
    expect(FROM_OUTSIDE.test(line)).toBe(false);
  });
});
