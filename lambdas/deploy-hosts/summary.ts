import type { Steps } from '../domain/promotion.ts';
import type { Batch, HostOutcome, HostRollout } from '../domain/rollout.ts';

/** Named one by one in the record; of more, the board reads the rollout. */
const MOST_NAMED = 100;

type HostsStep = NonNullable<Steps['hosts']>;

/** What the record says of a rollout. Pure. */
export function summary(head: HostRollout, batches: readonly Batch[], at: string): HostsStep {
  const { late, wave, waves, verdict } = head;
  const outcomes = batches.flatMap(({ hosts }) => hosts);
  const count = (...states: HostOutcome['state'][]) =>
    outcomes.filter(({ state }) => states.includes(state)).length;
  return {
    at,
    all: outcomes.length + late.length,
    promoted: count('promoted'),
    failed: count('failed', 'unknown'),
    restored: count('restored'),
    late: late.length,
    wave: wave + 1,
    waves,
    ...(verdict && { verdict }),
    commands: batches.flatMap(({ commands }) => commands).slice(0, MOST_NAMED),
    hosts: [...outcomes.filter(({ state }) => state !== 'waiting'), ...lateIn(head)].slice(
      0,
      MOST_NAMED,
    ),
  };
}

export const lateIn = ({ late }: HostRollout) =>
  late.map((instance): HostOutcome => ({ instance, state: 'late' }));
