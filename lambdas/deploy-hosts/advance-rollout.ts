import type { Batch, HostRollout } from '../domain/rollout.ts';
import type { Read } from '../ports/rollouts.ts';
import { decideNext, failuresIn } from './decide-next.ts';
import type { CommandPorts, Request } from './run-command.ts';
import { beginUndoing, stepBatch } from './step-batch.ts';

export type Advanced =
  /** Called again after so many seconds, it goes on. */
  | { readonly outcome: 'wait'; readonly seconds: number }
  | { readonly outcome: 'promoted' }
  | { readonly outcome: 'stopped' | 'undone' };

const SHORTEST_WAIT = 3;
const LONGEST_WAIT = 30;

/**
 * One step of a rollout: every batch of the wave under way takes one, then the policy says what follows. All that it knows is
 * in the table, so that it may be called twice, late, or by another execution.
 * @throws Unavailable, HostsRefused
 */
export async function advanceRollout(
  ports: CommandPorts,
  head: Read<HostRollout>,
  request: Request,
): Promise<Advanced> {
  const { value: rollout } = head;
  const { phase, verdict } = rollout;
  if (phase === 'ended' && verdict !== undefined) return { outcome: verdict };
  const now = ports.clock.now();
  if (rollout.notBefore !== undefined && now < new Date(rollout.notBefore))
    return { outcome: 'wait', seconds: until(rollout.notBefore, now) };

  const all = await ports.rollouts.batches(rollout);
  const batches = await Promise.all(
    all.map(async (batch) => {
      const undoes = phase === 'undoing' && batch.value.phase === 'settled';
      const begun = undoes
        ? await ports.rollouts.saveBatch(rollout, beginUndoing(batch.value, rollout, now), batch)
        : batch;
      return isUnderWay(begun.value, rollout) ? stepBatch(ports, rollout, begun, request) : begun;
    }),
  );
  const values = batches.map(({ value }) => value);
  const next = decideNext(rollout, values);
  if (next.do === 'wait') return { outcome: 'wait', seconds: patience(values, now) };
  const failed = failuresIn(values);
  if (next.do === 'end') {
    const ended = { ...rollout, phase: 'ended' as const, verdict: next.verdict, failed };
    await ports.rollouts.save(ended, head);
    return { outcome: next.verdict };
  }
  if (next.do === 'undo') {
    await ports.rollouts.save({ ...rollout, phase: 'undoing', failed }, head);
    return { outcome: 'wait', seconds: 0 };
  }
  const pause = rollout.policy.pause ?? 0;
  const notBefore = new Date(now.getTime() + pause * 1_000).toISOString();
  await ports.rollouts.save({ ...rollout, wave: rollout.wave + 1, failed, notBefore }, head);
  return { outcome: 'wait', seconds: pause };
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
