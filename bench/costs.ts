import { readConfig } from '../infra/config.ts';
import { planSweep } from '../lambdas/sweep/plan-sweep.ts';
import { Counter, type Counts } from './support/count-promotion.ts';
import { PRICES } from './support/prices.ts';
import { say, table } from './support/report.ts';

say(`# Cost, computed

One release of examples/forge's kind through dev (by itself), qa (asked for) and prod (asked for, one approval on the
page), run on the real state machine and the real functions over in-memory ports. State transitions, Lambda calls,
table readings and writings, KMS requests of our own, mails and GitHub calls are counted; durations and log volumes are
assumed, from above. A tarball's bytes go through a function of 1,769 MB when it is taken in, copied and verified.
Prices: us-east-1, list, no free tier (support/prices.ts).
`);

/** Seconds that a call is billed at most, and its memory in GB. What is not here: one second, 256 MB. */
const LONG_CALLS: Readonly<Record<string, { seconds: number; gigabytes: number }>> = {
  'observe-argocd': { seconds: 40, gigabytes: 0.25 },
  'copy-image': { seconds: 60, gigabytes: 0.5 },
  'copy-tarball': { seconds: 60, gigabytes: 1.7275 },
  'verify-tarball': { seconds: 30, gigabytes: 1.7275 },
  'object-uploaded': { seconds: 10, gigabytes: 1.7275 },
};
const SHORT_CALL = { seconds: 1, gigabytes: 0.25 };
/** Bytes that a state transition, and a call, leave in the logs. */
const LOG_BYTES = { transition: 3_000, call: 2_000 };
/** For what services do with our key by themselves (DynamoDB, SNS, Step Functions), a piece of work. */
const KMS_OF_SERVICES = 20;

const { stateTransition, lambdaRequest, lambdaGigabyteSecond } = PRICES;
const calls = ({ lambda }: Counts) => Object.values(lambda).reduce((sum, count) => sum + count, 0);

type Stages = readonly (readonly [string, Counts])[];

/** The first release of a service finds less to read; the second is like all later ones. */
async function throughAll(counter: Counter, [first, second]: readonly [string, string]) {
  await counter.push(first);
  await counter.promote();
  await counter.promoteApproved();
  const stages: Stages = [
    ['dev, by itself', await counter.push(second)],
    ['qa, asked for', await counter.promote()],
    ['prod, approved', await counter.promoteApproved()],
  ];
  return stages;
}

const images = new Counter('image');
const ofImage = await throughAll(images, ['1041', '1042']);
const idleLine = await images.sweepLine();
const ofTarball = await throughAll(new Counter('tarball'), ['a'.repeat(40), 'b'.repeat(40)]);
tell('An image', ofImage);
tell('A tarball', ofTarball);

const config = readConfig('examples/forge/conveyor.yaml');
const { sources, lines, hosts } = planSweep(config);
const HOURS = 730;
/** Two for each machine, one for dead letters. */
const ALARMS = 5;
const sweeps = (HOURS * 3_600) / Math.max(60, config.sweep.every);
const perSweep: Counts = {
  ...idleLine,
  transitions: 4 + sources.length + lines.length,
  lambda: { 'plan-sweep': 1, 'sweep-source': sources.length, 'mend-line': lines.length },
  // A source's releases are read whole: a unit for each 4 KB of them, counted here as one a service.
  reads: lines.length * idleLine.reads + Object.keys(config.services).length,
};
/** Hosts have answered by the third look, on which a machine goes: a look, its choice, and a wait before the next. */
const LOOKS = 3;
const LOOK_STATES = LOOKS * 3 - 1;
/** What a look reads and writes: its run or line, its batch, its turn. */
const LOOK_UNITS = 4;
const looksOf = (times: number, name: string): Counts => ({
  ...{ kms: 0, mails: 0, schedules: 0, eventsAcrossAccounts: 0, github: 0 },
  transitions: 1 + times * LOOK_STATES,
  lambda: { [name]: times * LOOKS },
  reads: times * LOOKS * LOOK_UNITS,
  writeUnits: times * LOOKS * LOOK_UNITS,
});
function looks(what: string, each: Counts): [string, number][] {
  const rest = lambdaCost(each) + tableCost(each) + restCost(each);
  return [
    [
      `${what}: ${sweeps} × ${each.transitions} transitions`,
      sweeps * each.transitions * stateTransition,
    ],
    [`${what}: ${sweeps} × ${calls(each)} Lambda calls, table, logs, traces`, sweeps * rest],
  ];
}
/** Environments in which something is provisioned. */
const provisioned = new Set(
  Object.values(config.services).flatMap(({ stages, target }) =>
    target.systemd?.provision === undefined ? [] : stages,
  ),
).size;
const idle: [string, number][] = [
  [
    `sweeps: ${sweeps} × ${perSweep.transitions} transitions`,
    sweeps * perSweep.transitions * stateTransition,
  ],
  [`sweeps: ${sweeps} × ${calls(perSweep)} Lambda calls`, sweeps * lambdaCost(perSweep)],
  ['sweeps: table, KMS, logs, traces', sweeps * (tableCost(perSweep) + restCost(perSweep))],
  ...looks('looks at hosts', looksOf(hosts.length, 'sweep-hosts')),
  ...looks('provisioning', looksOf(provisioned, 'provision')),
  ['KMS key', PRICES.kmsKeyMonth],
  [`${ALARMS} alarms`, ALARMS * PRICES.alarmMonth],
];
say('');
say(
  table(
    [
      `idle, ${HOURS} hours, ${lines.length} lines, ${hosts.length} of them on hosts, ${sources.length} source`,
      'dollars, at most',
    ],
    [
      ...idle.map(([name, cost]) => [name, cost.toFixed(2)]),
      ['a month', idle.reduce((sum, [, cost]) => sum + cost, 0).toFixed(2)],
    ],
  ),
);

function tell(what: string, stages: Stages): void {
  const row = (name: string, of: (counts: Counts) => string | number) => [
    name,
    ...stages.map(([, counts]) => of(counts)),
  ];
  say(
    table(
      [`${what}: counted`, ...stages.map(([name]) => name)],
      [
        row('state transitions', (c) => c.transitions),
        row('Lambda calls', calls),
        row('table readings', (c) => c.reads),
        row('table write units', (c) => c.writeUnits),
        row('KMS requests of our own', (c) => c.kms),
        row('mails', (c) => c.mails),
        row('schedules', (c) => c.schedules),
        row('events across accounts', (c) => c.eventsAcrossAccounts),
        row('GitHub calls', (c) => c.github),
      ],
    ),
  );
  say('');
  say(
    table(
      ['dollars, at most', ...stages.map(([name]) => name)],
      [
        row('state transitions', (c) => dollars(c.transitions * stateTransition)),
        row('Lambda', (c) => dollars(lambdaCost(c))),
        row('table', (c) => dollars(tableCost(c))),
        row('everything else', (c) => dollars(restCost(c))),
        row('a promotion', (c) => dollars(cost(c))),
      ],
    ),
  );
  const release = stages.reduce((sum, [, counts]) => sum + cost(counts), 0);
  say(`\nA release through all three: ${dollars(release)} at most.\n`);
}

function lambdaCost(counts: Counts): number {
  return Object.entries(counts.lambda).reduce((sum, [name, count]) => {
    const { seconds, gigabytes } = LONG_CALLS[name] ?? SHORT_CALL;
    return sum + count * (lambdaRequest + seconds * gigabytes * lambdaGigabyteSecond);
  }, 0);
}

function tableCost({ reads, writeUnits }: Counts): number {
  return reads * PRICES.dynamoReadUnit + writeUnits * PRICES.dynamoWriteUnit;
}

function restCost(counts: Counts): number {
  const logged = counts.transitions * LOG_BYTES.transition + calls(counts) * LOG_BYTES.call;
  return (
    (counts.kms + KMS_OF_SERVICES) * PRICES.kmsRequest +
    counts.mails * (PRICES.snsPublish + PRICES.snsMail) +
    counts.schedules * PRICES.schedule +
    counts.eventsAcrossAccounts * PRICES.eventAcrossAccounts +
    (logged / 1e9) * PRICES.logGigabyte +
    (1 + calls(counts)) * PRICES.trace
  );
}

function cost(counts: Counts): number {
  return (
    counts.transitions * stateTransition + lambdaCost(counts) + tableCost(counts) + restCost(counts)
  );
}

function dollars(amount: number): string {
  return amount.toFixed(6);
}
