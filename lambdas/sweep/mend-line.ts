import type { ConveyorConfig } from '../domain/config.ts';
import type { EnvironmentName, PromotionId, ServiceName } from '../domain/names.ts';
import { isFinal } from '../domain/promotion.ts';
import { type FinishPorts, finishPromotion } from '../promote/finish-promotion.ts';
import { assess, type FactPorts } from '../promote/gather-facts.ts';
import { refOf, startPromotion } from '../promote/start-promotion.ts';
import { wakeParked } from '../promote/wake-parked.ts';

export interface Mended {
  readonly mended: readonly string[];
}

/** A holder that was handed the lock gets this long to wake by itself. */
const WAKES_WITHIN_MILLISECONDS = 60_000;

/**
 * Finds what a death between two steps left behind in one line, and sets it going again: executions that were never
 * started or have died, tokens that were never answered, decisions that nobody was woken for.
 */
export async function mendLine(
  ports: FinishPorts & FactPorts,
  config: ConveyorConfig,
  service: ServiceName,
  environment: EnvironmentName,
): Promise<Mended> {
  const mended: string[] = [];
  const found = await ports.lines.read(service, environment);
  for (const { promotion } of [...(found.holder ? [found.holder] : []), ...found.waiters]) {
    const what = await mendExecution(ports, config, promotion);
    if (what) mended.push(`${promotion}: ${what}`);
  }
  // Ending the dead has moved the line on.
  const { holder, waiters } = await ports.lines.read(service, environment);
  const overdue =
    holder?.token !== undefined &&
    ports.clock.now().getTime() - Date.parse(holder.since) >= WAKES_WITHIN_MILLISECONDS;
  if (holder !== undefined && overdue) {
    await wakeParked(ports, holder);
    mended.push(`${holder.promotion}: woken for its turn`);
  }
  const [first] = waiters;
  if (holder === undefined && first?.token !== undefined) {
    await wakeParked(ports, first);
    mended.push(`${first.promotion}: woken, nobody is before it`);
  }
  if (holder !== undefined && (await mendApproval(ports, config, holder.promotion)))
    mended.push(`${holder.promotion}: woken for its approval`);
  return { mended };
}

async function mendExecution(
  ports: FinishPorts,
  config: ConveyorConfig,
  id: PromotionId,
): Promise<string | undefined> {
  // In this order: an execution writes how its promotion ended before it closes.
  const status = await ports.executions.status(id);
  const promotion = await ports.promotions.find(id);
  if (isFinal(promotion.state)) return undefined;
  if (status === undefined) {
    await startPromotion(ports, config, promotion);
    return 'started';
  }
  if (status === 'running') return undefined;
  const failure = {
    step: promotion.state,
    error: 'ExecutionLost',
    message: 'Its execution ended without a record: aborted, timed out, or out of retries.',
  };
  await finishPromotion(ports, config, refOf(promotion), 'failed', failure);
  return 'ended, its execution is gone';
}

/** The decision may be in the table while the execution still waits: whoever answered died before waking it. */
async function mendApproval(
  ports: FinishPorts & FactPorts,
  config: ConveyorConfig,
  id: PromotionId,
): Promise<boolean> {
  const promotion = await ports.promotions.find(id);
  if (promotion.state !== 'awaiting approval') return false;
  const { decision, approval, facts } = await assess(ports, config, promotion);
  if (decision.verdict === 'ask' && approval?.state === 'open' && approval.shown === facts.shown)
    return false;
  // Where the policy asks nobody any more, the round that asked still has the token.
  const round = approval ?? (await ports.approvals.latest(id));
  if (round === undefined) return false;
  await wakeParked(ports, round);
  return true;
}
