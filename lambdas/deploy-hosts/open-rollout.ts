import type { ConveyorConfig } from '../domain/config.ts';
import { type HostsTarget, hostsOf } from '../domain/hosts-of.ts';
import type { Promotion } from '../domain/promotion.ts';
import type { Batch, HostRollout } from '../domain/rollout.ts';
import type { Clock } from '../ports/clock.ts';
import type { Hosts } from '../ports/hosts.ts';
import type { Ledger } from '../ports/ledger.ts';
import type { Targets } from '../ports/provisioning.ts';
import type { Rollouts } from '../ports/rollouts.ts';
import { hostRequest } from './host-request.ts';
import { cut, planWaves } from './plan-waves.ts';

/** "SendCommand", `InstanceIds`. */
const MOST_IN_A_COMMAND = 50;

export interface OpenPorts {
  readonly hosts: Hosts;
  readonly ledger: Pick<Ledger, 'read'>;
  readonly rollouts: Rollouts;
  readonly targets: Targets;
  readonly clock: Clock;
}

/**
 * Looks up the hosts of this moment and writes down who goes when, once for a promotion.
 * @throws HostsRefused where too few can be reached; LedgerInvalid where the compose file is missing
 */
export async function openRollout(
  { hosts, ledger, rollouts, targets, clock }: OpenPorts,
  config: ConveyorConfig,
  promotion: Promotion,
): Promise<void> {
  const { kind, target } = rolloutOf(config, promotion);
  const { hosts: tag, rollout, health } = target;
  const { only } = promotion;
  const tagged = await hosts.tagged(tag);
  const meant =
    only === undefined ? tagged : tagged.filter(({ instance }) => only.includes(instance));
  const plan = planWaves(meant, rollout, tag);
  const { id, service, environment, version, digest } = promotion;
  const published = kind === 'systemd' ? await targets.find(environment, service) : undefined;
  const head: HostRollout = {
    schema: 1,
    promotion: id,
    service,
    environment,
    version,
    digest,
    policy: { ...rollout, ...(health && { health: health.within }) },
    plan: clock.now().toISOString(),
    waves: plan.waves.length,
    wave: 0,
    phase: 'deploying',
    late: plan.late.map(({ instance }) => instance),
    request: JSON.stringify(await hostRequest(ledger, clock, config, promotion, published)),
  };
  const batches = plan.waves
    .flatMap((wave, n) => cut(wave, MOST_IN_A_COMMAND).map((members) => ({ members, wave: n })))
    .map(
      ({ members, wave }, number): Batch => ({
        schema: 1,
        number,
        wave,
        phase: 'planned',
        hosts: members.map(({ instance }) => ({ instance, state: 'waiting' })),
        commands: [],
      }),
    );
  await rollouts.open(head, batches);
}

/** A host that was late neither stops the others nor brings them back: each is for itself. */
function rolloutOf(config: ConveyorConfig, { service, only }: Promotion): HostsTarget {
  const on = hostsOf(config, service);
  if (only === undefined) return on;
  const alone = { canary: 0, minimum: 1, onFailure: 'continue' as const };
  const rollout = { ...on.target.rollout, ...alone };
  return on.kind === 'compose'
    ? { ...on, target: { ...on.target, rollout } }
    : { ...on, target: { ...on.target, rollout } };
}
