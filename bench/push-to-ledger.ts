import type { Twin } from '../bin/twin/start-twin.ts';
import { pushSample } from '../bin/twin/use-twin.ts';
import { readDefinition } from '../infra/support/asl-machine.ts';
import { basePort, startBenchTwin, within, withTwin } from './support/bench-twin.ts';
import { deployEmptyFunction } from './support/empty-function.ts';
import { type ExecutionSeen, Executions } from './support/executions.ts';
import { type GithubProxy, startGithubProxy } from './support/github-proxy.ts';
import { invocations } from './support/invocations.ts';
import {
  conditions,
  median,
  milliseconds,
  runsFrom,
  say,
  seconds,
  table,
  times,
} from './support/report.ts';

const runs = runsFrom(20, 50);
const SERVICE = 'payments';
const FIRST_VERSION = 9_000;
/** The state that commits. */
const LANDING = 'Land';
const LONGEST_PUSH = 60_000;

say(`# Push to Ledger

${runs} pushes of a two-platform image to dev, one after the other, each once the one before has ended. Measured from
the start of the push to the moment the git host has accepted the commit in dev's part of the Ledger, seen by a
counting proxy in front of that git host. Beside each push, as many calls of an empty function as the promotion needs
up to its commit, one after the other: the emulator's own time. One push and its empty calls are not counted.
${conditions()}
`);

const { States } = JSON.parse(readDefinition('promote')) as {
  States: Record<string, { Type: string }>;
};
const callsLambda = (state: string) => States[state]?.Type === 'Task';

interface Sample {
  readonly push: number;
  readonly total: number;
  readonly empty: number;
  readonly execution: ExecutionSeen;
  /** Lambda calls up to the commit: intake of the tag, then what the machine called. */
  readonly before: number;
}

const proxy = await startGithubProxy(basePort + 4, new URL(`http://127.0.0.1:${basePort + 1}`));
try {
  const overrides = { 'ledger.github.apiUrl': proxy.url };
  const starting = startBenchTwin({ fresh: true, step: (_, work) => work(), overrides });
  await withTwin(starting, measure);
} finally {
  await proxy.close();
}

async function measure(twin: Twin): Promise<void> {
  const callEmpty = await deployEmptyFunction(twin.endpoint);
  const executions = new Executions(twin.endpoint);
  await callEmpty();
  await sample(twin, proxy, executions, callEmpty, String(FIRST_VERSION));
  const calls = new Map(proxy.calls);
  const before = await invocations(twin.endpoint);
  const samples: Sample[] = [];
  for (let i = 1; i <= runs; i++)
    samples.push(await sample(twin, proxy, executions, callEmpty, String(FIRST_VERSION + i)));
  report(samples, since(await invocations(twin.endpoint), before), since(proxy.calls, calls));
}

async function sample(
  twin: Twin,
  github: GithubProxy,
  executions: Executions,
  callEmpty: () => Promise<void>,
  version: string,
): Promise<Sample> {
  const committed = github.nextCommit();
  const started = performance.now();
  await pushSample(twin.endpoint, SERVICE, version);
  const pushed = performance.now();
  const commit = await within(LONGEST_PUSH, `the commit of ${version}`, committed);
  const execution = await within(
    LONGEST_PUSH,
    `the end of ${commit.promotion}`,
    executions.ended(commit.promotion),
  );
  const names = execution.states.map(({ name }) => name);
  const before = 1 + names.slice(0, names.indexOf(LANDING) + 1).filter(callsLambda).length;
  const emptyStarted = performance.now();
  for (let i = 0; i < before; i++) await callEmpty();
  const empty = performance.now() - emptyStarted;
  return { push: pushed - started, total: commit.at - started, empty, execution, before };
}

/** What came on top, as rows; nothing where nothing did. */
function since(
  now: ReadonlyMap<string, number>,
  earlier: ReadonlyMap<string, number>,
): [string, number][] {
  return [...now]
    .map(([name, count]): [string, number] => [name, count - (earlier.get(name) ?? 0)])
    .filter(([, count]) => count > 0);
}

function report(
  samples: readonly Sample[],
  lambda: readonly [string, number][],
  github: readonly [string, number][],
): void {
  const of = (pick: (sample: Sample) => number) => median(samples.map(pick));
  const each = (count: number) => String(Number((count / samples.length).toFixed(2)));
  const waited = of(({ execution }) => timeIn(execution, 'Line up'));
  const total = of((one) => one.total);
  const empty = of((one) => one.empty);
  const calls = of((one) => one.before);
  say(
    table(
      ['median of a push', 'value'],
      [
        ['push to commit', seconds(total)],
        ['of it, the push itself', milliseconds(of((one) => one.push))],
        ['of it, waiting in line for pushes of the same moment', seconds(waited)],
        ['of it, everything else', milliseconds(of((one) => one.total - one.push) - waited)],
        [`${calls} empty calls, the emulator's own time`, milliseconds(empty)],
        ['push to commit without the wait, over empty calls', times((total - waited) / empty)],
        ['slowest push to commit', seconds(Math.max(...samples.map((one) => one.total)))],
      ],
    ),
  );
  say('');
  say(
    table(
      ['counted per push', 'value'],
      [
        ['Lambda calls up to the commit', calls],
        ['Lambda calls in all', each(lambda.reduce((sum, [, count]) => sum + count, 0))],
        ...lambda.map(([name, count]) => [`of them, ${name}`, each(count)]),
        ['state transitions', of(({ execution }) => execution.states.length)],
        ['history events', of(({ execution }) => execution.events)],
        ...github.map(([kind, count]) => [`GitHub: ${kind}`, each(count)]),
      ],
    ),
  );
  say('');
  const [first] = samples;
  say(
    table(
      ['state', 'median time in it'],
      (first?.execution.states ?? [])
        .filter(({ name }) => of(({ execution }) => timeIn(execution, name)) >= 1)
        .map(({ name }) => [name, milliseconds(of(({ execution }) => timeIn(execution, name)))]),
    ),
  );
}

function timeIn({ states }: ExecutionSeen, name: string): number {
  return states.filter((state) => state.name === name).reduce((sum, s) => sum + s.milliseconds, 0);
}
