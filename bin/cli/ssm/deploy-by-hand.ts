import { advanceRollout, type Step } from '../../../lambdas/deploy-hosts/advance-rollout.ts';
import { encodeRequest } from '../../../lambdas/deploy-hosts/host-request.ts';
import { openRollout } from '../../../lambdas/deploy-hosts/open-rollout.ts';
import { summary } from '../../../lambdas/deploy-hosts/summary.ts';
import type { ConveyorConfig } from '../../../lambdas/domain/config.ts';
import { ConveyorError, Unavailable } from '../../../lambdas/domain/errors.ts';
import type { Promotion, Steps } from '../../../lambdas/domain/promotion.ts';
import type { SentCommand } from '../../../lambdas/domain/rollout.ts';
import type { Ledger } from '../../../lambdas/ports/ledger.ts';
import { hostsWords } from '../../../lambdas/view/hosts-text.ts';
import type { Context } from '../context.ts';
import { pause } from '../pause.ts';
import { MemoryRollouts } from './memory-rollouts.ts';
import type { Account } from './open-account.ts';

const AFTER_FAILURE_SECONDS = 5;

type Hosts = NonNullable<Steps['hosts']>;

export interface ByHand {
  readonly ended: 'promoted' | 'stopped' | 'undone' | 'interrupted' | 'timeout';
  readonly hosts: Hosts;
}

/**
 * The rollout that a promotion would make, by this process: the same waves, the same scripts, the same look afterwards. What
 * the hosts are brought is marked with the caller's name, so that the sweep lets them be.
 * @param end epoch milliseconds
 * @throws HostsRefused, LedgerInvalid; Unavailable is waited out
 */
export async function deployByHand(
  context: Context,
  { caller, hosts, commands }: Pick<Account, 'caller' | 'hosts' | 'commands'>,
  ledger: Pick<Ledger, 'read'>,
  config: ConveyorConfig,
  promotion: Promotion,
  end: number,
): Promise<ByHand> {
  const { clock, host, reporter } = context;
  const rollouts = new MemoryRollouts();
  // Where provisioning publishes them is in the tools account, which may be what cannot be reached.
  const targets = { find: async () => undefined };
  await openRollout({ hosts, ledger, rollouts, targets, clock }, config, promotion);
  let polls = 0;
  let said = '';
  for (;;) {
    const head = await rollouts.head(promotion.id);
    if (head === undefined) throw new Unavailable('the rollout is not to be found');
    const held = JSON.stringify({ ...JSON.parse(head.value.request), hold: caller.arn });
    const asked = (action: SentCommand['action']) => encodeRequest(held, action);
    const step = await tryStep(() =>
      advanceRollout({ rollouts, commands, clock }, head, asked, polls),
    );
    const { rollout, batches } = step ?? {
      rollout: head.value,
      batches: (await rollouts.batches()).map(({ value }) => value),
    };
    const seen = summary(rollout, batches, clock.now().toISOString());
    const words = `wave ${seen.wave} of ${seen.waves}: ${hostsWords(seen)}`;
    if (words !== said) reporter.line(words);
    said = words;
    const advanced = step?.advanced ?? { outcome: 'wait', seconds: AFTER_FAILURE_SECONDS };
    if (advanced.outcome !== 'wait') return { ended: advanced.outcome, hosts: seen };
    if (host.interrupted.aborted) return { ended: 'interrupted', hosts: seen };
    if (clock.now().getTime() >= end) return { ended: 'timeout', hosts: seen };
    reporter.waiting(words);
    polls += 1;
    await pause(context, advanced.seconds * 1_000);
  }
}

/** What a retry settles is no end: a command is named before it is sent, and found again. */
async function tryStep(step: () => Promise<Step>): Promise<Step | undefined> {
  try {
    return await step();
  } catch (error) {
    if (error instanceof ConveyorError && error.retryable) return undefined;
    throw error;
  }
}
