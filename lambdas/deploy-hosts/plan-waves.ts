import { HostsRefused } from '../domain/errors.ts';
import type { Rollout, Share } from '../domain/host-target.ts';
import type { Host } from '../ports/hosts.ts';

export interface WavePlan {
  /** Hosts that can be reached, in the order in which they go. */
  readonly waves: readonly (readonly Host[])[];
  /** Hosts that cannot be reached now. */
  readonly late: readonly Host[];
}

/** Each takes an execution a few polls at least, and it has room for so many (`advance-rollout.ts`, `shortestWait`). */
const MOST_WAVES = 250;

/**
 * Who goes when: canaries, then waves of `atOnce`, of one zone each where the policy says so. The same hosts give the same
 * plan, in whatever order they were listed. Pure.
 * @throws HostsRefused where fewer than the minimum can be reached, or they would go in too many waves
 */
export function planWaves(hosts: readonly Host[], rollout: Rollout, tag: string): WavePlan {
  const all = [...hosts].sort(byZoneThenId);
  const online = all.filter((host) => host.online);
  const late = all.filter((host) => !host.online);
  if (online.length < rollout.minimum)
    throw new HostsRefused(
      `${tag} finds ${counted(online.length)} that can be reached${late.length > 0 ? `, and ${late.length} that cannot` : ''}; at least ${rollout.minimum} must be there`,
      {
        data: { tag, online: online.length, late: late.length, minimum: rollout.minimum },
        fix: 'Compare the tag in conveyor.yaml with the instances, and look in Fleet Manager whether their SSM agents are online.',
      },
    );
  const canaries = online.slice(0, Math.min(rollout.canary, online.length));
  const rest = online.slice(canaries.length);
  const size = sizeOf(rollout.atOnce, online.length);
  const groups = rollout.perZone ? [...byZone(rest).values()] : [rest];
  const waves = [canaries, ...groups.flatMap((group) => cut(group, size))];
  const filled = waves.filter((wave) => wave.length > 0);
  if (filled.length > MOST_WAVES)
    throw new HostsRefused(
      `${tag} finds ${counted(online.length)}, which would go in ${filled.length} waves; ${MOST_WAVES} is the most`,
      { data: { tag, waves: filled.length }, fix: 'Raise rollout.atOnce in conveyor.yaml.' },
    );
  return { waves: filled, late };
}

/** Hosts at once: at least one. */
export function sizeOf(share: Share, all: number): number {
  if (typeof share === 'number') return share;
  return Math.max(1, Math.floor((all * Number(share.slice(0, -1))) / 100));
}

export function cut<T>(all: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(all.length / size) }, (_, n) =>
    all.slice(n * size, (n + 1) * size),
  );
}

function byZone(hosts: readonly Host[]): ReadonlyMap<string, Host[]> {
  const zones = new Map<string, Host[]>();
  for (const host of hosts) zones.set(host.zone, [...(zones.get(host.zone) ?? []), host]);
  return zones;
}

function byZoneThenId(a: Host, b: Host): number {
  const left = `${a.zone} ${a.instance}`;
  const right = `${b.zone} ${b.instance}`;
  return left < right ? -1 : left > right ? 1 : 0;
}

const counted = (n: number) => (n === 0 ? 'no host' : n === 1 ? 'one host' : `${n} hosts`);
