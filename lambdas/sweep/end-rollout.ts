import { summary } from '../deploy-hosts/summary.ts';
import type { Promotion } from '../domain/promotion.ts';
import type { Clock } from '../ports/clock.ts';
import type { HostCommands } from '../ports/host-commands.ts';
import type { Promotions } from '../ports/promotions.ts';
import type { PromotionRef } from '../ports/releases.ts';
import type { Rollouts } from '../ports/rollouts.ts';
import { refOf } from '../promote/start-promotion.ts';
import { hostsWords } from '../view/hosts-text.ts';

export interface EndRolloutPorts {
  readonly rollouts: Rollouts;
  readonly promotions: Promotions;
  readonly clock: Clock;
  readonly openCommands: (ref: PromotionRef) => Promise<HostCommands>;
}

/**
 * Takes back what a promotion whose execution is gone has sent to hosts: those that have not begun will not. What is known of
 * them goes into the record; what they really run, the sweep asks afterwards.
 * @returns where its hosts are, in words; undefined where it reached for none
 * @throws Unavailable
 */
export async function endRollout(
  { rollouts, promotions, clock, openCommands }: EndRolloutPorts,
  promotion: Promotion,
): Promise<string | undefined> {
  const head = await rollouts.head(promotion.id);
  if (head === undefined) return undefined;
  const batches = (await rollouts.batches(head.value)).map(({ value }) => value);
  const outstanding = batches.flatMap(({ command }) => command ?? []);
  if (head.value.phase !== 'ended' && outstanding.length > 0) {
    const commands = await openCommands(refOf(promotion));
    for (const { id, comment, since } of outstanding) {
      // Sent by a try that died before it wrote down under which id.
      const sent = id ?? (await commands.find(comment, new Date(since)));
      if (sent !== undefined) await commands.cancel(sent);
    }
  }
  const ended = {
    ...head.value,
    phase: 'ended' as const,
    verdict: head.value.verdict ?? 'stopped',
  };
  if (head.value.phase !== 'ended') await rollouts.save(ended, head);
  const at = clock.now().toISOString();
  const hosts = summary(ended, batches, at);
  await promotions.note(refOf(promotion), { steps: { hosts } }, at);
  return hostsWords(hosts);
}
