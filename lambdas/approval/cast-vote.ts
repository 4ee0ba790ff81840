import type { ConveyorConfig } from '../domain/config.ts';
import { Conflict, NotAllowed, Refused } from '../domain/errors.ts';
import { mayDecide } from '../domain/identity.ts';
import type { PersonName } from '../domain/names.ts';
import { isFinal, type Promotion, type Vote } from '../domain/promotion.ts';
import type { Approval } from '../ports/approvals.ts';
import type { Executions, Sealer } from '../ports/executions.ts';
import { assess, type FactPorts } from '../promote/gather-facts.ts';
import { refOf } from '../promote/start-promotion.ts';
import { wakeParked } from '../promote/wake-parked.ts';

export interface VotePorts extends FactPorts {
  readonly executions: Executions;
  readonly sealer: Sealer;
}

export interface Cast {
  readonly person: PersonName;
  readonly decision: Vote['decision'];
  readonly via: Vote['via'];
  readonly note?: string;
  /** The round that the person was shown; absent: the newest. */
  readonly round?: number;
}

/**
 * Writes one person's answer and wakes the execution, which decides by what is written. The same answer again wakes
 * again: a first try may have died in between.
 * @throws NotAllowed who may not decide this; Conflict what was shown has moved; Refused decided or ended already
 */
export async function castVote(
  ports: VotePorts,
  config: ConveyorConfig,
  promotion: Promotion,
  cast: Cast,
): Promise<Approval> {
  const { decision, facts, approval } = await assess(ports, config, promotion);
  const earlier = approval?.votes.find((vote) => vote.person === cast.person);
  if (approval !== undefined && earlier?.decision === cast.decision) {
    await wakeParked(ports, approval);
    return approval;
  }
  if (isFinal(promotion.state) || approval === undefined || approval.state === 'expired')
    throw new Refused(`${promotion.id} waits for no approval: ${promotion.state}`, {
      data: { promotion: promotion.id, state: promotion.state },
    });
  if (earlier !== undefined)
    throw new Refused(`${cast.person} has already answered: ${earlier.decision}`, {
      data: { promotion: promotion.id },
    });
  const allowed = mayDecide(promotion, cast.person, config);
  if (!allowed.allowed)
    throw new NotAllowed(allowed.because, {
      data: { promotion: promotion.id, person: cast.person },
    });
  const moved =
    approval.state === 'void' ||
    approval.shown !== facts.shown ||
    approval.shown !== promotion.steps.approval?.shown ||
    (cast.round ?? approval.round) !== approval.round;
  if (moved) {
    // The waiting execution finds the same and asks anew.
    await wakeParked(ports, approval);
    throw new Conflict('What this approval was shown for has changed; it is void and asked anew', {
      data: { promotion: promotion.id },
    });
  }
  if (decision.verdict !== 'ask') {
    // Something else has decided it, of which the waiting execution may not have heard: a newer release, say.
    await wakeParked(ports, approval);
    throw new Refused(`Decided already: ${decision.reasons.join('; ')}`, {
      data: { promotion: promotion.id },
    });
  }

  const at = ports.clock.now().toISOString();
  const vote: Vote = {
    person: cast.person,
    decision: cast.decision,
    at,
    via: cast.via,
    ...(cast.note !== undefined && { note: cast.note }),
  };
  const voted = await ports.approvals.vote(promotion.id, approval.round, vote);
  if (promotion.steps.approval)
    await ports.promotions.note(
      refOf(promotion),
      { steps: { approval: { ...promotion.steps.approval, votes: [...voted.votes] } } },
      at,
    );
  await wakeParked(ports, voted);
  return voted;
}
