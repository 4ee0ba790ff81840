import type { PromotionId } from '../domain/names.ts';
import type { Approvals } from '../ports/approvals.ts';
import type { Clock } from '../ports/clock.ts';
import type { Executions, Sealer } from '../ports/executions.ts';
import { wakeParked } from '../promote/wake-parked.ts';

/**
 * The alarm of an approval round rang: where nobody (or too few) decided in time, wakes the execution, which then sees
 * by the clock that the round is over. Early, late and repeated alarms are harmless.
 */
export async function expireApproval(
  ports: { approvals: Approvals; clock: Clock; executions: Executions; sealer: Sealer },
  promotion: PromotionId,
  round: number,
): Promise<void> {
  const approval = await ports.approvals.latest(promotion);
  if (approval === undefined || approval.round !== round || approval.state !== 'open') return;
  if (ports.clock.now().getTime() < Date.parse(approval.expiresAt)) return;
  await wakeParked(ports, approval);
}
