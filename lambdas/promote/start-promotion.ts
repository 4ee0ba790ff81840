import type { ConveyorConfig } from '../domain/config.ts';
import type { Promotion } from '../domain/promotion.ts';
import type { Clock } from '../ports/clock.ts';
import type { PromotionRef } from '../ports/releases.ts';
import { environmentConfig } from './new-promotion.ts';
import { type NudgePorts, nudgeHolder } from './nudge-holder.ts';

/** Pushes of one moment arrive in any order; under `every` they line up for this long before the first one goes. */
export const LINE_UP_SECONDS = 2;

export interface StartPorts extends NudgePorts {
  readonly clock: Clock;
}

export function refOf({ id, service, environment }: Promotion): PromotionRef {
  return { promotion: id, service, environment };
}

/** Sets an opened promotion going, past a holder that it supersedes. Safe to repeat: the execution is named by the promotion. */
export async function startPromotion(
  ports: StartPorts,
  config: ConveyorConfig,
  promotion: Promotion,
): Promise<void> {
  const { strategy } = environmentConfig(config, promotion.environment);
  const linesUp = strategy === 'every' && 'automatic' in promotion.requestedBy;
  const execution = await ports.executions.start(refOf(promotion), linesUp ? LINE_UP_SECONDS : 0);
  if (promotion.execution === undefined)
    await ports.promotions.note(refOf(promotion), { execution }, ports.clock.now().toISOString());
  await nudgeHolder(ports, config, promotion);
}
