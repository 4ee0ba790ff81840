import type { ConveyorConfig } from '../domain/config.ts';
import { decide } from '../domain/decide.ts';
import { Conflict, GateClosed } from '../domain/errors.ts';
import type { LedgerSnapshot } from '../ports/ledger.ts';
import type { PromotionRef } from '../ports/releases.ts';
import { assess, type FactPorts, policyOf } from './gather-facts.ts';
import { environmentConfig } from './new-promotion.ts';

/**
 * Asks the gates of a promotion that was let through once more, right before what cannot be taken back.
 * @param snapshot the Ledger over which they are asked; as it is now, where none is given
 * @throws GateClosed where they say otherwise now; Conflict where the promotion does not hold its line any more
 */
export async function requireOpenGates(
  ports: FactPorts,
  config: ConveyorConfig,
  ref: PromotionRef,
  snapshot?: LedgerSnapshot,
): Promise<void> {
  const promotion = await ports.promotions.get(ref);
  const { facts, line } = await assess(ports, config, promotion, snapshot);
  const data = { promotion: ref.promotion };
  if (line.holder?.promotion !== ref.promotion)
    throw new Conflict(`${ref.promotion} does not hold its line any more; nothing was done`, {
      data: { ...data, holder: line.holder?.promotion },
    });
  // Where something newer came while this was copied, this lands first all the same: else a busy line would never land. It is
  // asked as if nobody waited, for being overtaken is told before an approval that is needed by now. A catch-up makes way: it
  // brings nothing new.
  const behind = promotion.kind === 'catch-up' ? facts : { ...facts, waiting: [] };
  const policy = policyOf(config, environmentConfig(config, promotion.environment));
  const decision = decide(policy, behind, ports.clock.now());
  if (decision.verdict !== 'proceed')
    throw new GateClosed(`Its gates have closed since: ${decision.reasons.join('; ')}`, { data });
}
