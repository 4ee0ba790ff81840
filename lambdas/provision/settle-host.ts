import type { HostProvision, PlannedChange, ProvisionRun } from '../domain/provision-run.ts';
import type { PlanRow } from './plan-provision.ts';
import type { ServiceFacts } from './service-facts.ts';

/** Whether anything is to be done on a host. A restart alone is only where the declaration wants it. Pure. */
export function needsApply(
  { action, changes }: PlanRow,
  { restart }: Pick<ServiceFacts, 'restart'>,
) {
  if (action === 'none' || action === 'blocked') return false;
  return changes.some(({ change }) => change !== 'restart' || restart);
}

interface Settling {
  readonly run: Pick<ProvisionRun, 'mode'>;
  readonly facts: Pick<ServiceFacts, 'restart'>;
  readonly tried: boolean;
  readonly again: boolean;
}

/**
 * Where a host stands after it was looked at.
 * @param row undefined where it was not asked this time: it stays where it is
 * @param tried it has been told before in this run
 * @param again it is to be told now
 */
export function settleHost(
  host: HostProvision,
  row: PlanRow | undefined,
  { run, facts, tried, again }: Settling,
): HostProvision {
  if (row === undefined) return host;
  const { action, keeps, blockedBy } = row;
  const { reason: told, ...seen } = { ...host, action: host.action ?? action };
  if (run.mode === 'plan') {
    const planned = { ...seen, action, changes: [...row.changes], keeps: [...keeps] };
    return blockedBy === undefined
      ? { ...planned, state: 'planned' }
      : { ...planned, state: 'blocked', reason: readable(blockedBy) };
  }
  const changes = mergeChanges(host.changes, row.changes);
  const kept = { ...seen, changes, keeps: host.keeps.length > 0 ? host.keeps : [...keeps] };
  if (again) return { ...kept, state: 'waiting' };
  if (blockedBy !== undefined)
    return { ...kept, state: tried ? 'failed' : 'blocked', reason: readable(blockedBy) };
  if (!needsApply(row, facts)) {
    const done = { ...kept, state: tried ? ('changed' as const) : ('as declared' as const) };
    const [pending] = row.changes.filter(({ change }) => change === 'restart');
    return pending === undefined ? done : { ...done, reason: pending.why };
  }
  const [{ part, why } = { part: '', why: '' }] = row.changes;
  return { ...kept, state: 'failed', reason: readable(told ?? `${part}: ${why}`) };
}

/** What was found first is what was changed; what a later look adds is added. */
function mergeChanges(before: readonly PlannedChange[], now: readonly PlannedChange[]) {
  const known = new Set(before.map(({ part, change }) => `${part} ${change}`));
  return [...before, ...now.filter(({ part, change }) => !known.has(`${part} ${change}`))];
}

/** Hosts may print anything; records and terminals keep what can be read. */
export const readable = (text: string) => text.replace(/[^\x20-\x7e]/g, '?').slice(0, 300);
