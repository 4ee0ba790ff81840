import type { ConveyorConfig } from '../domain/config.ts';
import { Conflict, Unavailable } from '../domain/errors.ts';
import { sightingAfter } from '../domain/host-sighting.ts';
import { isFinal } from '../domain/promotion.ts';
import type { SentCommand } from '../domain/rollout.ts';
import type { Ledger } from '../ports/ledger.ts';
import type { Promotions } from '../ports/promotions.ts';
import type { PromotionRef } from '../ports/releases.ts';
import type { Sightings } from '../ports/sightings.ts';
import type { FactPorts } from '../promote/gather-facts.ts';
import { requireOpenGates } from '../promote/require-open-gates.ts';
import { hostsWords } from '../view/hosts-text.ts';
import { type Advanced, advanceRollout } from './advance-rollout.ts';
import { encodeRequest } from './host-request.ts';
import { type OpenPorts, openRollout } from './open-rollout.ts';
import type { CommandPorts } from './run-command.ts';
import { lateIn, summary } from './summary.ts';

/** The machine hands it back with the next call. */
export type Polled = Advanced & { readonly polls: number };

export interface DeployPorts extends OpenPorts, CommandPorts, FactPorts {
  readonly ledger: Ledger;
  readonly promotions: Promotions;
  readonly sightings: Sightings;
}

/**
 * Brings a promotion's release to the hosts of its environment, one step a call, and records what they were seen to run.
 * Before the first one the gates are asked once more: copying takes its time, and hosts run what they are brought.
 * @param polls how often this execution has asked before
 * @throws Conflict where the promotion has ended, or lost its line; GateClosed; HostsRefused, LedgerInvalid, Unavailable
 */
export async function deployHosts(
  ports: DeployPorts,
  config: ConveyorConfig,
  ref: PromotionRef,
  polls = 0,
): Promise<Polled> {
  const promotion = await ports.promotions.get(ref);
  // A stopped execution that somebody redrives comes back here, whatever became of its promotion meanwhile.
  if (isFinal(promotion.state))
    throw new Conflict(`${ref.promotion} has ended already: ${promotion.state}`);
  const before = await ports.rollouts.head(ref.promotion);
  if (before === undefined) {
    await requireOpenGates(ports, config, ref);
    await openRollout(ports, config, promotion);
  }
  const head = before ?? (await ports.rollouts.head(ref.promotion));
  if (head === undefined)
    throw new Unavailable(`The rollout of ${ref.promotion} is not to be found`, {
      data: { ...ref },
    });
  const { request } = head.value;
  const asked = (action: SentCommand['action']) => encodeRequest(request, action);
  const { advanced, rollout, batches } = await advanceRollout(ports, head, asked, polls);
  const at = ports.clock.now().toISOString();
  // For status, and before the record: the machine does not come back after its last step.
  if (advanced.outcome !== 'wait') {
    const outcomes = [...batches.flatMap(({ hosts }) => hosts), ...lateIn(rollout)];
    const { version } = rollout;
    const seen = outcomes.flatMap((host) => sightingAfter(host, version) ?? []);
    await ports.sightings.note(ref, at, seen, 'some');
  }
  const hosts = summary(rollout, batches, at);
  const because = hostsWords(hosts);
  await ports.promotions.note(ref, { state: 'landing', because, steps: { hosts } }, at);
  return { ...advanced, polls: polls + 1 };
}
