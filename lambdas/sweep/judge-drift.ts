import { type HostSighting, isCurrent } from '../domain/host-sighting.ts';
import type { Rollout } from '../domain/host-target.ts';
import { type Landed, MOST_CAUGHT_UP } from '../domain/promotion.ts';

/** As often is one version brought to a host that does not come to run it. */
export const MOST_TRIES = 3;

export interface DriftFacts {
  readonly landed: Landed;
  readonly hosts: readonly HostSighting[];
  readonly catchUp: Rollout['catchUp'];
  /**
   * What rollouts that were stopped since have left on hosts, where the policy is to leave it there: version → promotion.
   */
  readonly left: ReadonlyMap<string, string>;
}

export interface Drift {
  /** Are to be brought to what the environment holds. */
  readonly bring: readonly HostSighting[];
  /** Are let be; people hear why, once. */
  readonly tell: readonly { readonly host: HostSighting; readonly why: string }[];
}

/**
 * What is to be done about each host that does not run what its environment holds. Hosts that are off are awaited, and hosts
 * that somebody is deploying to are left to them. Pure.
 */
export function judgeDrift({ landed, hosts, catchUp, left }: DriftFacts): Drift {
  const bring: HostSighting[] = [];
  const tell: { host: HostSighting; why: string }[] = [];
  for (const host of hosts) {
    if (isCurrent(host, landed) || host.state === 'off' || host.state === 'busy') continue;
    const why = whyNot(host);
    if (why === undefined) bring.push(host);
    else tell.push({ host, why });
  }
  return { bring: bring.slice(0, MOST_CAUGHT_UP), tell };

  function whyNot(host: HostSighting): string | undefined {
    if (host.held !== undefined) return `${host.held} put it there by hand`;
    if (host.state === 'silent') return 'its agent is online, and it does not answer';
    if (host.state === 'unwell' && host.version === landed.version)
      return 'it runs it, but not well';
    const stopped = left.get(host.version ?? '');
    if (stopped !== undefined) return `left so by ${stopped}, which was stopped`;
    if (catchUp === 'report') return 'catchUp says report';
    const tries = host.tries?.version === landed.version ? host.tries.count : 0;
    return tries >= MOST_TRIES ? `brought to it ${tries} times, in vain` : undefined;
  }
}
