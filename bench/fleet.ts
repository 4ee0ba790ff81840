import { type Measured, measureFleet } from '../test/simulation/measure-fleet.ts';
import { say, table } from './support/report.ts';

say(`# Fleets

One release of a systemd service to so many hosts, on the real state machine and the real functions in the simulation, in
virtual time: a script takes half a minute at most, a slow one ten minutes more, a look three seconds. Requests to AWS are counted by action, each page
one; sizes are bytes of JSON. Limits: 25,000 events of a history and 256 KiB handed from state to state (Step Functions,
"Quotas"), 400 KB an item and 4 MB a transaction (DynamoDB, "Quotas"). Systems Manager publishes no rates for these actions.
`);

const ONE_BY_ONE = { canary: 0, atOnce: 1 };
const RUNS: readonly (readonly [string, Parameters<typeof measureFleet>[0]])[] = [
  ['10', { hosts: 10 }],
  ['10, all at once', { hosts: 10, rollout: { canary: 0, atOnce: '100%' } }],
  ['100', { hosts: 100 }],
  ['1,000', { hosts: 1_000 }],
  ['5,000', { hosts: 5_000 }],
  ['5,000, half of them off', { hosts: 5_000, off: 5 }],
  ['5,000 in 250 waves', { hosts: 5_000, rollout: { canary: 20, atOnce: 20 } }],
  ['250, slow, one by one', { hosts: 250, rollout: ONE_BY_ONE, slow: true }],
];

const ACTIONS = [
  'DescribeInstances',
  'DescribeInstanceInformation',
  'SendCommand',
  'ListCommandInvocations',
  'ListCommands',
  'CancelCommand',
];
const sum = ({ calls }: Measured) => Object.values(calls).reduce((all, n) => all + n, 0);
const counted = (n: number) => n.toLocaleString('en');
const kilobytes = (n: number) => `${(n / 1_000).toFixed(1)} kB`;

const measured: [string, number, Measured][] = [];
for (const [name, options] of RUNS) {
  const one = await measureFleet(options);
  if (one.state !== 'promoted') throw new Error(`${name} hosts: ${one.state}`);
  measured.push([name, options.hosts, one]);
}

const row = (name: string, cell: (one: Measured, hosts: number) => string) => [
  name,
  ...measured.map(([, hosts, one]) => cell(one, hosts)),
];
say(
  table(
    ['hosts', ...measured.map(([name]) => name)],
    [
      row('waves', ({ waves }) => counted(waves)),
      row('simulated minutes', ({ minutes }) => counted(minutes)),
      row('state transitions', ({ transitions }) => counted(transitions)),
      row('events of 25,000', ({ events }) => counted(events)),
      ...ACTIONS.map((action) => row(action, ({ calls }) => counted(calls[action] ?? 0))),
      row('requests a host', (one, hosts) => (sum(one) / hosts).toFixed(2)),
      row('requests in the busiest second', ({ busiestSecond }) => counted(busiestSecond)),
      row('largest payload of 262 kB', ({ largestPayload }) => kilobytes(largestPayload)),
      row('largest item of 400 kB', ({ largestItem }) => kilobytes(largestItem)),
      row('largest transaction of 4 MB', ({ largestWrite }) => kilobytes(largestWrite)),
    ],
  ),
);
