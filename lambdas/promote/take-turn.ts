import { type FinalState, isFinal } from '../domain/promotion.ts';
import type { Clock } from '../ports/clock.ts';
import type { Lines } from '../ports/lines.ts';
import type { Promotions } from '../ports/promotions.ts';
import type { PromotionRef } from '../ports/releases.ts';

export interface Turn {
  /** `ours`: the lock is held. `wait`: others are first. Else how the promotion has ended already. */
  readonly turn: 'ours' | 'wait' | FinalState;
}

/** Takes the lock of (service, environment) if it is this promotion's turn. */
export async function takeTurn(
  { lines, promotions, clock }: { lines: Lines; promotions: Promotions; clock: Clock },
  ref: PromotionRef,
): Promise<Turn> {
  const at = clock.now().toISOString();
  const taken = await lines.take(ref, at);
  if (taken.ours) {
    const previous = taken.landed && { previous: taken.landed };
    await promotions.note(ref, { state: 'checking', because: 'its turn', ...previous }, at);
    return { turn: 'ours' };
  }
  const { state } = await promotions.get(ref);
  if (isFinal(state)) return { turn: state };
  const { holder, waiters } = taken;
  const ahead =
    waiters.findIndex((waiter) => waiter.promotion === ref.promotion) + (holder ? 1 : 0);
  await promotions.note(
    ref,
    {
      state: 'queued',
      because: `${ahead} before it${holder ? `; ${holder.promotion} is running` : ''}`,
    },
    at,
  );
  return { turn: 'wait' };
}
