import type { Batch, HostRollout } from '../domain/rollout.ts';
import type { Read } from '../ports/rollouts.ts';
import { decideNext } from './decide-next.ts';
import type { CommandPorts, Request } from './run-command.ts';
import { beginUndoing, stepBatch } from './step-batch.ts';

export type Advanced =
  /** Called again after so many seconds, it goes on. */
  | { readonly outcome: 'wait'; readonly seconds: number }
  | { readonly outcome: 'promoted' }
  | { readonly outcome: 'stopped' | 'undone' };

const SHORTEST_WAIT = 3;
const LONGEST_WAIT = 30;

/** What a step came to, and what the table holds after it. */
export interface Step {
  readonly advanced: Advanced;
  readonly rollout: HostRollout;
  readonly batches: readonly Batch[];
}

/**
 * One step of a rollout: every batch of the wave under way takes one, then the policy says what follows. All that it knows is
 * in the table, so that it may be called twice, late, or by another execution.
 * @throws Unavailable, HostsRefused
 */
export async function advanceRollout(
  ports: CommandPorts,
  head: Read<HostRollout>,
  request: Request,
): Promise<Step> {
  const { value: rollout } = head;
  const now = ports.clock.now();
  const found = await ports.rollouts.batches(rollout);
  const resting = restOf(rollout, now);
  if (resting !== undefined)
    return { advanced: resting, rollout, batches: found.map(({ value }) => value) };

  const stepped = await Promise.all(found.map((batch) => step(ports, rollout, batch, request)));
  const batches = stepped.map(({ value }) => value);
  const { next, advanced } = follow(rollout, batches, now);
  if (next !== undefined) await ports.rollouts.save(next, head);
  return { advanced, rollout: next ?? rollout, batches };
}

/** It has ended, or pauses between two waves. */
function restOf({ phase, verdict, notBefore }: HostRollout, now: Date): Advanced | undefined {
  if (phase === 'ended' && verdict !== undefined) return { outcome: verdict };
  if (notBefore === undefined || now >= new Date(notBefore)) return undefined;
  return { outcome: 'wait', seconds: until(notBefore, now) };
}

async function step(
  ports: CommandPorts,
  rollout: HostRollout,
  batch: Read<Batch>,
  request: Request,
): Promise<Read<Batch>> {
  const undoes = rollout.phase === 'undoing' && batch.value.phase === 'settled';
  const begun = undoes
    ? await ports.rollouts.saveBatch(
        rollout,
        beginUndoing(batch.value, rollout, ports.clock.now()),
        batch,
      )
    : batch;
  return isUnderWay(begun.value, rollout) ? stepBatch(ports, rollout, begun, request) : begun;
}

/** What follows for the rollout as a whole; without `next` it stays as it is. Pure. */
function follow(
  rollout: HostRollout,
  batches: readonly Batch[],
  now: Date,
): { readonly next?: HostRollout; readonly advanced: Advanced } {
  const decided = decideNext(rollout, batches);
  switch (decided.do) {
    case 'wait':
      return { advanced: { outcome: 'wait', seconds: patience(batches, now) } };
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
  if (batch.phase === 'settled' || batch.phase === 'undone') return false;
  if (phase === 'undoing') return batch.phase !== 'planned';
  return batch.wave === wave;
}

/** Often at first; a fleet that takes minutes is not asked every few seconds. */
function patience(batches: readonly Batch[], now: Date): number {
  const since = batches.flatMap(({ command }) => (command ? [Date.parse(command.since)] : []));
  const waited = since.length === 0 ? 0 : (now.getTime() - Math.max(...since)) / 1_000;
  return Math.min(LONGEST_WAIT, Math.max(SHORTEST_WAIT, Math.round(waited / 4)));
}

function until(moment: string, now: Date): number {
  return Math.ceil((Date.parse(moment) - now.getTime()) / 1_000);
}
