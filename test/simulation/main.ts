import { type ChildProcess, fork } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { drawScenario } from './scenario.ts';
import { keep, partsOf, shrink, tell } from './shrink.ts';
import { simulate } from './simulate.ts';
import {
  addReport,
  addTotals,
  missedFaults,
  missedWays,
  noTotals,
  type Totals,
  tellTotals,
} from './totals.ts';

/** A child plays so many seeds between two words to its parent. */
const BATCH = 250;
/** Failing seeds that are told as stories; of the others, the seeds. */
const STORIES = 3;

const say = (text: string) => process.stdout.write(`${text}\n`);

if (process.send !== undefined) work();
else {
  const asked = readArguments();
  await (asked.only !== undefined || asked.trace ? replay(asked) : run(asked));
}

interface Asked {
  /** Of these, more than ten thousand have three promotions and two faults. */
  readonly scenarios: number;
  /** The first; the others follow. */
  readonly seed: number;
  /** Processes. */
  readonly jobs: number;
  /** Parts of that one scenario. */
  readonly only: readonly string[] | undefined;
  readonly trace: boolean;
}

function readArguments(): Asked {
  try {
    const { values } = parseArgs({
      options: {
        scenarios: { type: 'string', default: '11000' },
        seed: { type: 'string', default: '1' },
        jobs: { type: 'string', default: String(availableParallelism()) },
        only: { type: 'string' },
        trace: { type: 'boolean', default: false },
      },
    });
    const { scenarios, seed, jobs, only, trace } = values;
    const asked = {
      scenarios: count('scenarios', scenarios),
      seed: count('seed', seed),
      jobs: count('jobs', jobs),
      only: only?.split(','),
      trace,
    };
    const parts = partsOf(drawScenario(asked.seed));
    const strange = asked.only?.find((part) => !parts.includes(part));
    if (strange !== undefined)
      throw new Error(`--only: seed ${seed} has no part ${strange}; it has ${parts.join(',')}`);
    return asked;
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
    return process.exit(2);
  }
}

function count(name: string, text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text))
    throw new Error(`--${name} takes a whole number from 1 on, not ${text}`);
  return Number(text);
}

/** As a child: plays the seeds that it is sent. */
function work(): void {
  process.on('message', async ({ first, last }: { first: number; last: number }) => {
    const totals = noTotals();
    for (let seed = first; seed < last; seed++)
      addReport(totals, await simulate(drawScenario(seed)));
    process.send?.(totals);
  });
}

async function replay({ seed, only, trace }: Asked): Promise<void> {
  const scenario = drawScenario(seed);
  const report = await simulate(only === undefined ? scenario : keep(scenario, only));
  if (trace) say(report.trace.join('\n'));
  say(`fingerprint ${report.fingerprint}`);
  say(report.broken ? `broken: ${report.broken.invariant}: ${report.broken.what}` : 'all holds');
  process.exitCode = report.broken ? 1 : 0;
}

async function run({ scenarios, seed: from, jobs }: Asked): Promise<void> {
  const began = performance.now();
  const totals = noTotals();
  const batches = Array.from({ length: Math.ceil(scenarios / BATCH) }, (_, n) => ({
    first: from + n * BATCH,
    last: Math.min(from + (n + 1) * BATCH, from + scenarios),
  }));
  const all = batches.length;
  let told = 0;
  const seconds = () => (performance.now() - began) / 1_000;
  process.once('SIGINT', () => {
    say(`interrupted\n${tellTotals(totals, seconds())}`);
    process.exit(130);
  });
  const children = Array.from({ length: Math.min(jobs, all) }, child);
  await Promise.all(
    children.map(async (one) => {
      for (let next = batches.shift(); next !== undefined; next = batches.shift()) {
        addTotals(totals, await ask(one, next));
        const share = (all - batches.length) / all;
        if (process.stderr.isTTY || share - told >= 0.1) {
          told = share;
          process.stderr.write(`simulated ${totals.scenarios} of ${scenarios}\n`);
        }
      }
      one.disconnect();
    }),
  );
  say(tellTotals(totals, seconds()));
  const first = totals.broken.sort((a, b) => a.seed - b.seed).slice(0, STORIES);
  for (const { seed } of first) {
    const scenario = drawScenario(seed);
    say(`\n${tell(scenario, await shrink(scenario))}`);
  }
  if (totals.broken.length > STORIES)
    say(
      `\nalso: ${totals.broken
        .slice(STORIES)
        .map(({ seed }) => seed)
        .join(' ')}`,
    );
  const complete = missedWays(totals).length + missedFaults(totals).length === 0;
  // A few scenarios cannot take every way; from a thousand on they must.
  const enough = complete || scenarios < 1_000;
  if (!enough)
    say(`not every way was taken, or fault injected: ${missedFaults(totals).join(', ')}`);
  process.exitCode = totals.broken.length === 0 && enough ? 0 : 1;
}

function child(): ChildProcess {
  return fork(fileURLToPath(import.meta.url), [], { execArgv: process.execArgv });
}

function ask(one: ChildProcess, seeds: { first: number; last: number }): Promise<Totals> {
  return new Promise((resolve, reject) => {
    const died = (code: number | null) =>
      reject(new Error(`a process ended by ${code} at seeds ${seeds.first} to ${seeds.last}`));
    one.once('exit', died);
    one.once('message', (totals: Totals) => {
      one.off('exit', died);
      resolve(totals);
    });
    one.send(seeds);
  });
}
