import type { Batch, HostRollout } from '../domain/rollout.ts';

export type Next =
  | { readonly do: 'wait' }
  | { readonly do: 'next wave' }
  | { readonly do: 'undo' }
  | { readonly do: 'end'; readonly verdict: NonNullable<HostRollout['verdict']> };

/** What follows from where the batches are. Pure. */
export function decideNext(
  { phase, wave, waves, policy }: Pick<HostRollout, 'phase' | 'wave' | 'waves' | 'policy'>,
  batches: readonly Pick<Batch, 'wave' | 'phase' | 'hosts'>[],
): Next {
  if (phase === 'undoing')
    return batches.every(({ phase: at }) => at === 'undone' || at === 'planned')
      ? { do: 'end', verdict: 'undone' }
      : { do: 'wait' };
  const now = batches.filter((batch) => batch.wave === wave);
  if (!now.every(({ phase: at }) => at === 'settled')) return { do: 'wait' };
  const failed = failuresIn(batches);
  if (failed > policy.maxErrors) {
    if (policy.onFailure === 'rollback') return { do: 'undo' };
    if (policy.onFailure === 'stop') return { do: 'end', verdict: 'stopped' };
  }
  if (wave + 1 < waves) return { do: 'next wave' };
  return { do: 'end', verdict: failed > policy.maxErrors ? 'stopped' : 'promoted' };
}

/** A host that does not answer any more counts as one that failed. */
export function failuresIn(batches: readonly Pick<Batch, 'hosts'>[]): number {
  return batches
    .flatMap(({ hosts }) => hosts)
    .filter(({ state }) => state === 'failed' || state === 'unknown').length;
}
