import type { Batch, HostRollout } from '../domain/rollout.ts';
import type { Read } from '../ports/rollouts.ts';
import { decideNext } from './decide-next.ts';
import { inTurns } from './in-turns.ts';
import type { CommandPorts, Request } from './run-command.ts';
import { stepBatch } from './step-batch.ts';

export type Advanced =
  /** Called again after so many seconds, it goes on. */
  | { readonly outcome: 'wait'; readonly seconds: number }
  | { readonly outcome: 'promoted' }
  | { readonly outcome: 'stopped' | 'undone' };

const SHORTEST_WAIT = 3;
const LONGEST_WAIT = 30;
/** A wave of 1,250 hosts is 25 batches; SSM throttles an account by its calls a second. */
const BATCHES_AT_ONCE = 5;

/** What a step came to, and what the table holds after it. */
export interface Step {
  readonly advanced: Advanced;
  readonly rollout: HostRollout;
  readonly batches: readonly Batch[];
}

/**
 * One step of a rollout: every batch of the wave under way takes one, then the policy says what follows. All that it knows is
 * in the table, so that it may be called twice, late, or by another execution.
 * @param polls how often this execution has asked before
 * @throws Unavailable, HostsRefused
 */
export async function advanceRollout(
  ports: CommandPorts,
  head: Read<HostRollout>,
  request: Request,
  polls: number,
): Promise<Step> {
  const { value: rollout } = head;
  const now = ports.clock.now();
  const found = await ports.rollouts.batches(rollout);
  const resting = restOf(rollout, now);
  if (resting !== undefined)
    return { advanced: resting, rollout, batches: found.map(({ value }) => value) };

  const stepped = await inTurns(found, BATCHES_AT_ONCE, (batch) =>
    isUnderWay(batch.value, rollout) ? stepBatch(ports, rollout, batch, request) : batch,
  );
  const batches = stepped.map(({ value }) => value);
  const { next, advanced } = follow(rollout, batches, now, polls);
  if (next !== undefined) await ports.rollouts.save(next, head);
  return { advanced, rollout: next ?? rollout, batches };
}

/** It has ended, or pauses between two waves. */
function restOf({ phase, verdict, notBefore }: HostRollout, now: Date): Advanced | undefined {
  if (phase === 'ended' && verdict !== undefined) return { outcome: verdict };
  if (notBefore === undefined || now >= new Date(notBefore)) return undefined;
  return { outcome: 'wait', seconds: until(notBefore, now) };
}

/** What follows for the rollout as a whole; without `next` it stays as it is. Pure. */
function follow(
  rollout: HostRollout,
  batches: readonly Batch[],
  now: Date,
  polls: number,
): { readonly next?: HostRollout; readonly advanced: Advanced } {
  const decided = decideNext(rollout, batches);
  switch (decided.do) {
    case 'wait':
      return { advanced: { outcome: 'wait', seconds: patience(batches, now, polls) } };
    case 'end': {
      const { verdict } = decided;
      return { next: { ...rollout, phase: 'ended', verdict }, advanced: { outcome: verdict } };
    }
    case 'undo':
      return {
        next: { ...rollout, phase: 'undoing' },
        advanced: { outcome: 'wait', seconds: 0 },
      };
    case 'next wave': {
      const pause = rollout.policy.pause ?? 0;
      const notBefore = new Date(now.getTime() + pause * 1_000).toISOString();
      return {
        next: { ...rollout, wave: rollout.wave + 1, notBefore },
        advanced: { outcome: 'wait', seconds: pause },
      };
    }
  }
}

function isUnderWay(batch: Batch, { wave, phase }: HostRollout): boolean {
  if (phase === 'undoing') return batch.phase !== 'planned' && batch.phase !== 'undone';
  return batch.wave === wave && batch.phase !== 'settled';
}

/** Often at first; a fleet that takes minutes is not asked every few seconds. */
function patience(batches: readonly Batch[], now: Date, polls: number): number {
  const waits = batches.flatMap(({ command }) => {
    if (command === undefined) return [];
    const waited = (now.getTime() - Date.parse(command.since)) / 1_000;
    return [waited < 0 ? -waited : waited / 4];
  });
  const shortest = shortestWait(polls);
  const longest = Math.max(LONGEST_WAIT, shortest);
  return Math.round(Math.min(longest, Math.max(shortest, Math.min(longest, ...waits))));
}

/**
 * An execution's history ends at 25,000 events ("Service quotas", Step Functions), and a poll is nine of them: who has asked
 * often asks seldom, so that 250 waves (`plan-waves.ts`) of a quarter of an hour each have room.
 */
function shortestWait(polls: number): number {
  if (polls < 800) return SHORTEST_WAIT;
  if (polls < 1_300) return 30;
  return polls < 1_700 ? 120 : 600;
}

function until(moment: string, now: Date): number {
  return Math.ceil((Date.parse(moment) - now.getTime()) / 1_000);
}
