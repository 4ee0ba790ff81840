import type { ConveyorConfig } from '../domain/config.ts';
import type { FinalState, Promotion } from '../domain/promotion.ts';
import type { Alarms, Notices } from '../ports/notices.ts';
import type { PromotionRef } from '../ports/releases.ts';
import { docsOf } from '../view/docs.ts';
import { renderOutcome } from '../view/outcome.ts';
import { environmentConfig, newPromotion, stageOf } from './new-promotion.ts';
import { type StartPorts, startPromotion } from './start-promotion.ts';
import { wakeParked } from './wake-parked.ts';

export interface FinishPorts extends StartPorts {
  readonly notices: Notices;
  readonly alarms: Alarms;
}

export interface Failure {
  readonly step: string;
  readonly error: string;
  readonly message: string;
  /** What to do about it, where that is known of the error's kind. */
  readonly fix?: string;
}

/**
 * Ends a promotion, whatever way it went: final state and lock in one transaction, then everything that follows from
 * it. Each of those is idempotent, so that dying between any two and running again is harmless.
 */
export async function finishPromotion(
  ports: FinishPorts,
  config: ConveyorConfig,
  ref: PromotionRef,
  ending: FinalState,
  failure?: Failure,
): Promise<{ state: FinalState }> {
  const at = ports.clock.now().toISOString();
  const before = await ports.promotions.get(ref);
  const because = failure ? `failed at ${failure.step}` : before.because;
  const landed = {
    version: before.version,
    digest: before.digest,
    pushedAt: before.pushedAt,
    promotion: before.id,
    since: at,
  };
  const { ended, next } = await ports.lines.end(
    ref,
    {
      state: ending,
      ...(because !== undefined && ending !== 'promoted' && { because }),
      ...(failure && {
        cause: {
          code: failure.error,
          message: failure.message,
          step: failure.step,
          ...(failure.fix !== undefined && { fix: failure.fix }),
        },
      }),
      ...(ending === 'promoted' && before.kind !== 'catch-up' && { landed }),
    },
    at,
  );
  if (next !== undefined) await wakeParked(ports, next);
  if (ended.state === 'promoted') await offerNextStage(ports, config, ended);
  await closeApproval(ports, ended);
  await tellEverybody(ports, config, ended);
  return { state: ended.state as FinalState };
}

/** The next stage's own promotion, if that promotes by itself; once, as its request is named by this promotion. */
async function offerNextStage(
  ports: FinishPorts,
  config: ConveyorConfig,
  ended: Promotion,
): Promise<void> {
  const { after } = stageOf(config, ended.service, ended.environment);
  if (after === undefined || ended.kind !== 'promotion') return;
  if (environmentConfig(config, after).promotion !== 'auto') return;
  const { service, version, digest, pushedAt, destination } = ended;
  const release = {
    schema: 1,
    service,
    version,
    digest,
    source: destination,
    pushedAt,
    seenAt: pushedAt,
    announcedBy: 'event',
  } as const;
  const next = newPromotion(config, ports.clock, {
    release,
    environment: after,
    requestedBy: { automatic: 'promotion' },
  });
  const opened = await ports.promotions.open(next, `next-${ended.id}-${after}`);
  if (opened.endedAt === undefined) await startPromotion(ports, config, opened);
}

/** Who failed or was asked about is heard of, and who has landed where a person owes the sync. */
async function tellEverybody(
  { notices }: FinishPorts,
  config: ConveyorConfig,
  ended: Promotion,
): Promise<void> {
  const tell = (id: string, occasion: 'ended' | 'manual sync') =>
    notices.everybody(id, renderOutcome({ promotion: ended, occasion, config, ...docsOf(config) }));
  // Of hosts that cannot be brought, the sweep tells, once and not with every try.
  if (ended.kind === 'catch-up') return;
  if (ended.state === 'failed' || ended.steps.approval !== undefined)
    await tell(`${ended.id}-${ended.state}`, 'ended');
  if (ended.state === 'promoted' && ended.steps.observe?.awaits === 'manual sync')
    await tell(`${ended.id}-manual-sync`, 'manual sync');
}

/** What is left of an asking: links stop deciding, and the expiry's alarm is taken down. */
async function closeApproval(ports: FinishPorts, ended: Promotion): Promise<void> {
  if (ended.steps.approval === undefined) return;
  const round = await ports.approvals.latest(ended.id);
  if (round === undefined) return;
  await ports.approvals.close(
    ended.id,
    round.round,
    ended.state === 'expired' ? 'expired' : 'void',
  );
  await ports.alarms.cancel(ended.id, round.round);
}
