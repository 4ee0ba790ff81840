import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { conditions, median, runsFrom, say, seconds, table, times } from './support/report.ts';

const runs = runsFrom(5, 20);
const CHILD = fileURLToPath(new URL('support/start-and-stop.ts', import.meta.url));
const LONGEST_RUN = 300_000;

say(`# Start to ready

What \`npm start\` does, as a process of its own, in a folder and on ports of its own: ${runs} times from no state at
all ("cold"), each followed by a start over the state that this left ("warm"). npm's packages and the emulator's
virtual environment are there before. Measured from the start of the process to "Ready", when the first push has been
promoted into dev. ${conditions()}
`);

interface Run {
  readonly total: number;
  readonly steps: ReadonlyMap<string, number>;
}

const cold: Run[] = [];
const warm: Run[] = [];
for (let i = 0; i < runs; i++) {
  cold.push(await start(true));
  warm.push(await start(false));
}

const names = [...new Set([...cold, ...warm].flatMap(({ steps }) => [...steps.keys()]))];
const totalOf = (all: readonly Run[]) => median(all.map(({ total }) => total));
const stepOf = (all: readonly Run[], name: string) => {
  const took = all.flatMap(({ steps }) => steps.get(name) ?? []);
  return took.length === 0 ? '-' : seconds(median(took));
};
say(
  table(
    ['step', 'cold', 'warm'],
    [
      ...names.map((name) => [name, stepOf(cold, name), stepOf(warm, name)]),
      ['ready, all in all', seconds(totalOf(cold)), seconds(totalOf(warm))],
    ],
  ),
);
say(`\nCold over warm: ${times(totalOf(cold) / totalOf(warm))}. Medians of ${runs}.`);

/** One start, to its "Ready", and its stop. */
async function start(fresh: boolean): Promise<Run> {
  const started = performance.now();
  const child = spawn(process.execPath, ['--import', 'tsx', CHILD, ...(fresh ? ['--fresh'] : [])], {
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: LONGEST_RUN,
    env: { ...process.env, NODE_NO_WARNINGS: '1' },
  });
  let complaints = '';
  child.stderr.on('data', (chunk: Buffer) => {
    complaints += chunk.toString();
  });
  const steps = new Map<string, number>();
  let total: number | undefined;
  for await (const line of createInterface(child.stdout)) {
    const said = JSON.parse(line) as { step?: string; took?: number; ready?: true };
    if (said.step !== undefined) steps.set(said.step, said.took ?? 0);
    if (said.ready === true) total = performance.now() - started;
  }
  const code = await new Promise((resolve) =>
    child.exitCode === null ? child.once('close', resolve) : resolve(child.exitCode),
  );
  if (code !== 0 || total === undefined)
    throw new Error(`The start ended with ${code}: ${complaints.slice(-2_000)}`);
  return { total, steps };
}
