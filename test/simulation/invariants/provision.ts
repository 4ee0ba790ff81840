import type { ProvisionRun } from '../../../lambdas/domain/provision-run.ts';
import type { CommandToSend } from '../../../lambdas/ports/host-commands.ts';
import { beacon } from '../../promote/shop.ts';
import type { SimHost } from '../world/sim-host.ts';
import type { SimScaffold } from '../world/sim-scaffold.ts';
import type { Effect } from '../world/tap.ts';
import type { World } from '../world/world.ts';
import type { Invariant } from './invariant.ts';

interface Request {
  readonly action: string;
  readonly service: string;
  readonly environment: string;
  readonly promotion: string;
}

/** What provisioning asks of hosts by this effect; undefined where it asks nothing. */
export function askedBy({ port, method, args }: Effect): Request | undefined {
  if (!port.startsWith('scaffolds.') || method !== 'send') return undefined;
  const { request } = args[0] as CommandToSend;
  return JSON.parse(Buffer.from(request, 'base64').toString('utf8'));
}

interface Turn {
  readonly run?: string;
  readonly last?: Pick<ProvisionRun, 'run'>;
}

export function turnOf({ table }: World, environment: string): Turn | undefined {
  return table.peek<Turn>({ pk: `V#${environment}`, sk: 'TURN' })?.value;
}

function scaffolds({ fleets }: World): [environment: string, scaffold: SimScaffold][] {
  return Object.entries(fleets).flatMap(([environment, { hosts }]) =>
    hosts.map(({ scaffold }) => [environment, scaffold] as [string, SimScaffold]),
  );
}

export const reachable = ({ fleets }: World, environment: string): SimHost[] =>
  fleets[environment]?.of(beacon).filter(({ isOn, isGone }) => isOn && !isGone) ?? [];

export const oneRunAtATime: Invariant = {
  name: 'one run of provisioning at a time changes the hosts of an environment, and a plan changes nothing',
  watch: (world, broken) => ({
    onEffect(effect) {
      const asked = askedBy(effect);
      if (asked === undefined || asked.action === 'observe') return;
      const { action, environment, promotion } = asked;
      const run = promotion.slice('provision:'.length);
      const { run: holder } = turnOf(world, environment) ?? {};
      if (holder !== run)
        broken(`${run} sent ${action} to ${environment}, whose turn has ${holder}`);
    },
  }),
};

export const provisioningEnds: Invariant = {
  name: 'once nothing goes wrong any more, every run of provisioning that had its turn has ended',
  watch: (world, broken) => ({
    atEnd() {
      for (const { isOver, name, states } of world.provisioning.executions)
        if (!isOver) broken(`${name} runs in ${states.at(-1)}`);
      for (const environment of Object.keys(world.fleets)) {
        const { run } = turnOf(world, environment) ?? {};
        if (run !== undefined) broken(`${run} still has the turn of ${environment}`);
      }
    },
  }),
};

export const codeIsLeftAlone: Invariant = {
  name: 'provisioning never changes what a host runs',
  watch: (world, broken) => {
    const look = () => {
      for (const [environment, { touched }] of scaffolds(world))
        if (touched.length > 0) broken(`${touched[0]} was changed in ${environment}`);
    };
    return { onEffect: (effect) => void (askedBy(effect) && look()), atEnd: look };
  },
};

export const restartsAsDeclared: Invariant = {
  name: 'provisioning restarts a service only where it was declared to',
  watch: (world, broken) => ({
    atEnd() {
      const { declared } = world.provisioning;
      for (const [environment, { restarts }] of scaffolds(world))
        for (const service of restarts) {
          const mayBe = declared.some(
            (one) =>
              one.service === service &&
              one.environment === environment &&
              one.provision?.restart === true,
          );
          if (!mayBe) broken(`${service} was restarted in ${environment}, and nobody declared it`);
        }
    },
  }),
};
