import type { ConveyorConfig } from '../domain/config.ts';
import type { Promotion } from '../domain/promotion.ts';
import type { HostOutcome } from '../domain/rollout.ts';
import type { Rollouts } from '../ports/rollouts.ts';
import { targetOf } from './edits-for.ts';
import type { HostsEdit } from './hosts-edit.ts';

/** What a promotion's rollout has read back from its hosts, for the manifest; nothing where it has none. */
export async function hostsEdits(
  rollouts: Rollouts,
  config: ConveyorConfig,
  promotion: Pick<Promotion, 'id' | 'service' | 'environment' | 'only'>,
): Promise<readonly HostsEdit[]> {
  const { path, hostsKey: key } = targetOf(config, promotion);
  const head = key === undefined ? undefined : await rollouts.head(promotion.id);
  if (key === undefined || head === undefined) return [];
  const batches = await rollouts.batches(head.value);
  const hosts = new Map([
    ...head.value.late.map((instance) => [instance, undefined] as const),
    ...batches
      .flatMap(({ value }) => value.hosts)
      .map((host) => [host.instance, seenOn(host)] as const),
  ]);
  return [{ path, key, hosts, others: promotion.only === undefined ? 'dropped' : 'kept' }];
}

/** What it said when it was asked; a host that does not answer any more is not claimed to run anything. */
export function seenOn({ state, version }: HostOutcome): string | undefined {
  return state === 'unknown' || state === 'waiting' || state === 'late' ? undefined : version;
}
