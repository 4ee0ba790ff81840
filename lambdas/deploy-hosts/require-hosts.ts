import { HostsFailed, HostsRestored } from '../domain/errors.ts';
import type { Promotions } from '../ports/promotions.ts';
import type { PromotionRef } from '../ports/releases.ts';
import type { Polled } from './deploy-hosts.ts';

/**
 * What the state machine goes on by.
 * @throws HostsFailed, HostsRestored where the rollout has ended otherwise than it should, by which the machine ends it
 */
export async function requireHosts(
  promotions: Promotions,
  ref: PromotionRef,
  advanced: Polled,
): Promise<Extract<Polled, { outcome: 'wait' | 'promoted' }>> {
  if (advanced.outcome === 'wait' || advanced.outcome === 'promoted') return advanced;
  const { because = 'hosts do not run it', steps } = await promotions.get(ref);
  const named = (steps.hosts?.hosts ?? [])
    .filter(({ state }) => state === 'failed' || state === 'unknown' || state === 'restored')
    .filter(({ reason }) => reason !== undefined)
    .slice(0, 3)
    .map(({ instance, reason }) => `${instance} ${reason}`);
  const message = [because, ...named].join('; ');
  throw advanced.outcome === 'undone' ? new HostsRestored(message) : new HostsFailed(message);
}
