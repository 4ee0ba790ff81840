import type { ConveyorConfig } from '../domain/config.ts';
import type { Promotion } from '../domain/promotion.ts';
import { compareReleases } from '../domain/release-order.ts';
import type { Approvals } from '../ports/approvals.ts';
import type { Executions, Sealer } from '../ports/executions.ts';
import type { Lines } from '../ports/lines.ts';
import type { Promotions } from '../ports/promotions.ts';
import { environmentConfig } from './new-promotion.ts';
import { wakeParked } from './wake-parked.ts';

export interface NudgePorts {
  readonly lines: Lines;
  readonly promotions: Promotions;
  readonly approvals: Approvals;
  readonly executions: Executions;
  readonly sealer: Sealer;
}

/**
 * Wakes a holder that only awaits an approval where what has just joined its line goes before it: a rollback always, a
 * newer release under `latest`. It then finds itself superseded now, and not when somebody answers.
 */
export async function nudgeHolder(
  ports: NudgePorts,
  config: ConveyorConfig,
  joined: Promotion,
): Promise<void> {
  const { service, environment, kind } = joined;
  const { strategy } = environmentConfig(config, environment);
  if (kind !== 'rollback' && strategy !== 'latest') return;
  const holder = await ports.lines.holder(service, environment);
  if (holder === undefined || holder.promotion === joined.id) return;
  const held = await ports.promotions.get({ promotion: holder.promotion, service, environment });
  if (held.state !== 'awaiting approval') return;
  if (kind !== 'rollback' && compareReleases(held, joined) >= 0) return;
  const round = await ports.approvals.latest(held.id);
  if (round !== undefined) await wakeParked(ports, round);
}
