import type { HostCommands } from '../../lambdas/ports/host-commands.ts';
import type { Hosts } from '../../lambdas/ports/hosts.ts';
import type { ProvisionRuns, ProvisionTurns } from '../../lambdas/ports/provision-runs.ts';
import type { ProvisionRequest } from '../../lambdas/provision/provision-request.ts';
import { but, type Planted, within, withPorts } from './sabotage.ts';
import type { Scenario } from './scenario.ts';
import type { Run } from './world/functions.ts';

const ofProvision = (change: (run: Run) => Run) => within(['provision'], change);

const withTurns = (change: (turns: ProvisionTurns) => Partial<ProvisionTurns>) =>
  ofProvision(withPorts(({ turns }) => ({ turns: but(turns, change(turns)) })));

const withRuns = (change: (runs: ProvisionRuns) => Partial<ProvisionRuns>) =>
  ofProvision(withPorts(({ runs }) => ({ runs: but(runs, change(runs)) })));

type Scaffolds = Hosts & HostCommands;

const withScaffolds = (change: (hosts: Scaffolds) => Partial<Scaffolds>) =>
  ofProvision(
    withPorts(({ scaffolds }) => ({
      scaffolds: (environment) => {
        const hosts = scaffolds?.(environment);
        return hosts && but(hosts, change(hosts));
      },
    })),
  );

/** Asks something else of hosts, where it tells them anything. */
const asking = (change: (asked: ProvisionRequest) => object) =>
  withScaffolds((hosts) => ({
    send: (command) => {
      const asked = JSON.parse(Buffer.from(command.request, 'base64').toString('utf8'));
      if (asked.action !== 'apply') return hosts.send(command);
      const other = JSON.stringify({ ...asked, ...change(asked) });
      return hosts.send({ ...command, request: Buffer.from(other).toString('base64') });
    },
  }));

/** Puts the credential into a file of its service's settings, as it is. */
const inPlain = ofProvision((run) => {
  let text: string | undefined;
  const reading = withPorts(({ provisioning }) =>
    provisioning === undefined
      ? {}
      : {
          provisioning: but(provisioning, {
            credential: async (environment, service) => {
              text = await provisioning.credential(environment, service);
              return text;
            },
          }),
        },
  );
  const sending = asking(({ service, parts = [] }) => ({
    parts: [
      ...parts,
      ...(text === undefined
        ? []
        : [
            {
              ...{ kind: 'file', path: `/etc/wardnet/services/${service}/credential.json` },
              ...{ owner: 'root', group: 'root', mode: '0600' },
              contentBase64: Buffer.from(text).toString('base64'),
            },
          ]),
    ],
  }));
  return sending(reading(run), { name: 'provision' } as never);
});

const isProvisioned = ({ moments }: Scenario) => moments.some(({ act }) => act.do === 'declare');

/** Mistakes with what hosts are to have. */
export const PLANTED_PROVISION: readonly Planted[] = [
  {
    mistake: 'a turn that somebody has is taken for free',
    breaks: 'one run of provisioning at a time',
    among: isProvisioned,
    sabotage: withTurns((turns) => ({
      read: async (environment) => {
        const turn = await turns.read(environment);
        if (turn === undefined) return undefined;
        const { run: _, ...free } = turn.value;
        return { ...turn, value: free };
      },
    })),
  },
  {
    mistake: 'whoever waits is patient with a run whose execution is gone, for ever',
    breaks: 'once nothing goes wrong any more, every run of provisioning',
    // Who waits for hours asks thousands of times.
    among: (scenario) => isProvisioned(scenario) && (scenario.moments.at(-1)?.at ?? 0) < 1_800_000,
    sabotage: ofProvision((run) =>
      withPorts(({ turns, clock }) => ({
        turns: but(turns, {
          read: async (environment) => {
            const turn = await turns.read(environment);
            return (
              turn && { ...turn, value: { ...turn.value, stepped: clock.now().toISOString() } }
            );
          },
        }),
      }))(run),
    ),
  },
  {
    mistake: 'what is declared no longer is forgotten',
    breaks: 'once nothing goes wrong any more, every host that can be reached is',
    among: isProvisioned,
    sabotage: withTurns(() => ({ provisioned: async () => [] })),
  },
  {
    mistake: 'a host that does not say what it has is taken for one that has nothing',
    breaks: 'once nothing goes wrong any more, every host that can be reached is',
    among: ({ fleets }) =>
      fleets.some(({ hosts }) => hosts.some(({ scaffolding }) => scaffolding?.includes('slow'))),
    sabotage: withScaffolds((hosts) => ({
      invocations: async (id) =>
        (await hosts.invocations(id)).map((one) => ({
          ...one,
          output: one.output.replace('"state":"busy"', '"state":"absent"'),
        })),
    })),
  },
  {
    mistake: 'a host that failed is written down as changed',
    breaks: 'what is published of a service',
    says: /was not seen/,
    among: isProvisioned,
    sabotage: withRuns((runs) => ({
      saveBatch: (run, batch, was) => {
        const hosts = batch.hosts.map((host) =>
          host.state === 'failed' ? { ...host, state: 'changed' as const } : host,
        );
        return runs.saveBatch(run, { ...batch, hosts }, was);
      },
    })),
  },
  {
    mistake: 'provisioning makes the link to the release as well',
    breaks: 'provisioning never changes what a host runs',
    among: isProvisioned,
    sabotage: asking(({ service, parts = [] }) => ({
      parts: [
        ...parts,
        {
          ...{ kind: 'directory', path: `/srv/wardnet/${service}/current` },
          ...{ owner: 'root', group: 'root', mode: '0755' },
        },
      ],
    })),
  },
  {
    mistake: 'a service is restarted whatever was declared',
    breaks: 'provisioning restarts a service only',
    among: isProvisioned,
    sabotage: asking(() => ({ restart: true })),
  },
  {
    mistake: 'a credential goes to its host as it is',
    breaks: 'a credential is nowhere but',
    among: isProvisioned,
    sabotage: inPlain,
  },
];
