import type { ConveyorConfig } from '../domain/config.ts';
import type { EnvironmentName, PromotionId, ServiceName } from '../domain/names.ts';
import { isFinal, type Promotion, type PromotionState } from '../domain/promotion.ts';
import { earliestCommit, noteLanded } from '../ledger/land-promotion.ts';
import { findCommit } from '../ledger/update-ledger.ts';
import { type FinishPorts, finishPromotion } from '../promote/finish-promotion.ts';
import { assess, type FactPorts } from '../promote/gather-facts.ts';
import { refOf, startPromotion } from '../promote/start-promotion.ts';
import { wakeParked } from '../promote/wake-parked.ts';
import { type EndRolloutPorts, endRollout } from './end-rollout.ts';

export type MendPorts = FinishPorts & FactPorts & EndRolloutPorts;

export interface Mended {
  readonly mended: readonly string[];
}

/** A holder that was handed the lock gets this long to wake by itself. */
const WAKES_WITHIN_MILLISECONDS = 60_000;

/** The last function of a stopped execution may go on until its own time limit (`infra/{copy,deploy-hosts,ledger}.ts`). */
export const OUTLIVES_MILLISECONDS: Partial<Record<PromotionState, number>> = {
  copying: 15 * 60_000,
  landing: 2 * 60_000,
};

/** How many of a line's promotions are looked at for a commit that nobody heard of. */
const LOOKS_BACK = 10;
/** What a promotion failed by that does not say whether the commit was made. */
const UNANSWERED =
  /^(Ledger)?Unavailable$|^LedgerContended$|^ExecutionLost$|^(Lambda|Runtime|Sandbox|States)\./;

/**
 * Finds what a death between two steps left behind in one line, and sets it going again: executions that were never
 * started or have died, tokens that were never answered, decisions that nobody was woken for.
 */
export async function mendLine(
  ports: MendPorts,
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
  mended.push(...(await mendRecords(ports, service, environment)));
  return { mended };
}

async function mendExecution(
  ports: MendPorts,
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
  const outlived = ports.clock.now().getTime() - status.closedAt.getTime();
  if (outlived < (OUTLIVES_MILLISECONDS[promotion.state] ?? 0)) return undefined;
  const ref = refOf(promotion);
  const commit = promotion.steps.verify && (await findCommit(ports.ledger, committed(promotion)));
  if (commit !== undefined) {
    await noteLanded(ports, ref, commit);
    await finishPromotion(ports, config, ref, 'promoted');
    return 'ended as promoted: its execution is gone, its commit is there';
  }
  // Before its line is handed on: whoever comes next must not meet what this one has sent.
  const hosts = await endRollout(ports, promotion);
  const lost = 'Its execution ended without a record: aborted, timed out, or out of retries.';
  const failure = {
    step: promotion.state,
    error: 'ExecutionLost',
    message: hosts === undefined ? lost : `${lost} As far as it knew, ${hosts}.`,
  };
  await finishPromotion(ports, config, ref, 'failed', failure);
  return 'ended, its execution is gone';
}

/**
 * A promotion that failed because nobody answered may be in the Ledger all the same. Its ending stands, as people were told;
 * what was committed is put into its record.
 */
async function mendRecords(
  ports: FactPorts,
  service: ServiceName,
  environment: EnvironmentName,
): Promise<string[]> {
  const mended: string[] = [];
  for (const promotion of await ports.promotions.history(service, environment, LOOKS_BACK)) {
    const { id, state, steps, cause } = promotion;
    if (state !== 'failed' || steps.verify === undefined || steps.ledger !== undefined) continue;
    if (!UNANSWERED.test(cause?.code ?? '')) continue;
    const commit = await findCommit(ports.ledger, committed(promotion));
    const found = commit ?? { outcome: 'not-committed' as const, changes: [] };
    await noteLanded(ports, refOf(promotion), found);
    if (commit !== undefined) mended.push(`${id}: its commit is in the Ledger after all`);
  }
  return mended;
}

function committed(promotion: Promotion) {
  return { id: promotion.id, createdAt: earliestCommit(promotion) };
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
