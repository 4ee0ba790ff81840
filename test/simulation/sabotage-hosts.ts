import type { Promotion } from '../../lambdas/domain/promotion.ts';
import type { HostOutcome } from '../../lambdas/domain/rollout.ts';
import type { CommandToSend } from '../../lambdas/ports/host-commands.ts';
import type { Rollouts } from '../../lambdas/ports/rollouts.ts';
import { but, type Planted, within, withoutApprovals, withPorts } from './sabotage.ts';
import type { Scenario } from './scenario.ts';
import type { Run } from './world/functions.ts';
import { olderRelease } from './world/make-fleets.ts';
import type { Ports } from './world/ports.ts';

type Fleet = ReturnType<NonNullable<Ports['fleet']>>;

const withFleet = (change: (fleet: Fleet) => Fleet): ((run: Run) => Run) =>
  withPorts(({ fleet }) => (fleet ? { fleet: (environment) => change(fleet(environment)) } : {}));

const withRollouts = (change: (rollouts: Rollouts) => Partial<Rollouts>): ((run: Run) => Run) =>
  withPorts(({ rollouts }) => ({ rollouts: but(rollouts, change(rollouts)) }));

/** Writes another state in the place of one, while batches are in that phase. */
const writing =
  (phase: string, was: HostOutcome['state'], is: HostOutcome['state']) =>
  (rollouts: Rollouts): Partial<Rollouts> => ({
    saveBatch: (rollout, batch, before) => {
      const hosts = batch.hosts.map((host) => (host.state === was ? { ...host, state: is } : host));
      return rollouts.saveBatch(
        rollout,
        batch.phase === phase ? { ...batch, hosts } : batch,
        before,
      );
    },
  });

const onHosts = ({ fleets }: Scenario) => fleets.length > 0;

/** Asks for something else. */
function changed(command: CommandToSend, change: object): CommandToSend {
  const asked = JSON.parse(Buffer.from(command.request, 'base64').toString('utf8'));
  const other = JSON.stringify({ ...asked, ...change });
  return { ...command, request: Buffer.from(other).toString('base64') };
}

/** By a policy that says `catchUp: bring` of every service. */
function bringing(run: Run): Run {
  const services = Object.entries(run.config.services).map(([name, service]) => {
    const target = Object.entries(service.target).map(([kind, one]) => {
      const { rollout } = one as { rollout?: object };
      return [
        kind,
        rollout === undefined ? one : { ...one, rollout: { ...rollout, catchUp: 'bring' } },
      ];
    });
    return [name, { ...service, target: Object.fromEntries(target) }];
  });
  return { ...run, config: { ...run.config, services: Object.fromEntries(services) } };
}

/** Of a record that is a catch-up, in the place of what it would be made of: what was promoted there before. */
const catchUpOfBefore = withPorts(({ promotions }) => ({
  promotions: but(promotions, {
    open: async (draft, intention) => {
      const { service, environment, kind, version } = draft;
      const history = await promotions.history(service, environment, 20);
      const before = history.find(
        (one) => one.state === 'promoted' && one.kind !== 'catch-up' && one.version !== version,
      );
      if (kind !== 'catch-up' || before === undefined) return promotions.open(draft, intention);
      const { version: older, digest, destination } = before;
      return promotions.open({ ...draft, version: older, digest, destination }, intention);
    },
  }),
}));

/** What the gates of a catch-up go by is what it brings. */
const gatesOfCatchUpsOpen = withPorts(({ promotions, lines, ledger }) => {
  let asked: Promotion | undefined;
  const isIt = () => asked?.kind === 'catch-up';
  return {
    promotions: but(promotions, {
      get: async (ref) => {
        asked = await promotions.get(ref);
        return asked;
      },
    }),
    lines: but(lines, {
      read: async (service, environment) => {
        const line = await lines.read(service, environment);
        if (!isIt() || asked === undefined || line.landed === undefined) return line;
        return { ...line, landed: { ...line.landed, version: asked.version } };
      },
    }),
    ledger: but(ledger, {
      read: async (paths, since) => {
        const { files, ...snapshot } = await ledger.read(paths, since);
        const stands = new RegExp(`^(${asked?.service}:\\n +version:) .*`, 'm');
        const texts = [...files].map(
          ([path, text]) =>
            [path, isIt() ? text.replace(stands, `$1 "${asked?.version}"`) : text] as const,
        );
        return { ...snapshot, files: new Map(texts) };
      },
    }),
  };
});

/** Mistakes with hosts. */
export const PLANTED_HOSTS: readonly Planted[] = [
  {
    mistake: 'hosts are sent another release than the one that was promoted',
    breaks: 'a host runs what it began with',
    among: onHosts,
    sabotage: within(
      ['deploy-hosts'],
      withFleet((fleet) =>
        but(fleet, { send: (command) => fleet.send(changed(command, olderRelease('e'))) }),
      ),
    ),
  },
  {
    mistake: 'hosts are reached by a policy without approvals, whatever it became during the copy',
    breaks: 'nothing lands without the approvals',
    among: ({ fleets, moments }) =>
      fleets.length > 0 &&
      moments.some(({ act, on }) => act.do === 'policy' && on?.call.endsWith('.head')),
    sabotage: within(['deploy-hosts'], withoutApprovals),
  },
  {
    mistake: 'a catch-up brings what the environment held before, and no gate says so',
    breaks: 'nothing lands without the approvals',
    says: /the environment holds/,
    among: onHosts,
    sabotage: (run, process) =>
      process.name === 'sweep-hosts'
        ? catchUpOfBefore(run)
        : /^(check-gates|deploy-hosts)$/.test(process.name)
          ? gatesOfCatchUpsOpen(run)
          : run,
  },
  {
    mistake: 'a host that failed is written down as one that runs it',
    breaks: 'a rollout is called promoted only where',
    among: onHosts,
    sabotage: within(['deploy-hosts'], withRollouts(writing('settled', 'failed', 'promoted'))),
  },
  {
    mistake: 'a host that has nothing to go back to is written down as one that went back',
    breaks: 'a rollout is called undone where',
    among: onHosts,
    sabotage: within(['deploy-hosts'], withRollouts(writing('undone', 'failed', 'restored'))),
  },
  {
    mistake: 'the hosts’ script takes no lock',
    breaks: 'two commands never work on one host',
    among: onHosts,
    sabotage: within(
      ['deploy-hosts'],
      withFleet((fleet) => Object.assign(fleet, { locks: false })),
    ),
  },
  {
    mistake: 'who writes down what hosts run writes down a version as well',
    breaks: 'a commit changes one line',
    among: onHosts,
    sabotage: within(
      ['sweep-hosts'],
      withPorts(({ ledger }) => ({
        ledger: but(ledger, {
          commit: ({ files, ...change }) => {
            const changed = [...files].map(
              ([path, text]) => [path, text.replaceAll(/(version:) ".*"/g, '$1 "1"')] as const,
            );
            return ledger.commit({ ...change, files: new Map(changed) });
          },
        }),
      })),
    ),
  },
  {
    mistake: 'the sweep sends what brings hosts to a version, in the place of what asks them',
    breaks: 'who works on no promotion',
    among: onHosts,
    sabotage: within(
      ['sweep-hosts'],
      withFleet((fleet) =>
        but(fleet, { send: (one) => fleet.send(changed(one, { action: 'deploy' })) }),
      ),
    ),
  },
  {
    mistake: 'late hosts are brought whatever the policy says',
    breaks: 'where catchUp says report',
    says: /brings/,
    among: onHosts,
    sabotage: within(['sweep-hosts'], bringing),
  },
  {
    mistake: 'who is let be is told to nobody',
    breaks: 'where catchUp says report',
    says: /nobody was told/,
    among: onHosts,
    sabotage: within(
      ['sweep-hosts'],
      withPorts(({ notices }) => ({ notices: but(notices, { everybody: async () => {} }) })),
    ),
  },
  {
    mistake: 'a late host whose release is not found is passed over in silence',
    breaks: 'once nothing goes wrong any more, a host',
    says: /nothing lets it be/,
    among: onHosts,
    sabotage: within(
      ['sweep-hosts'],
      withPorts(({ releases }) => ({ releases: but(releases, { find: async () => undefined }) })),
    ),
  },
  {
    mistake: 'a rollout that has begun is taken for one that has ended well',
    breaks: 'the Ledger names what hosts run',
    among: onHosts,
    sabotage: within(
      ['deploy-hosts'],
      withRollouts((rollouts) => ({
        head: async (promotion) => {
          const head = await rollouts.head(promotion);
          return head && { ...head, value: { ...head.value, phase: 'ended', verdict: 'promoted' } };
        },
      })),
    ),
  },
];
