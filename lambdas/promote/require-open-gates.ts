import type { ConveyorConfig } from '../domain/config.ts';
import { Conflict, GateClosed } from '../domain/errors.ts';
import type { LedgerSnapshot } from '../ports/ledger.ts';
import type { PromotionRef } from '../ports/releases.ts';
import { assess, type FactPorts } from './gather-facts.ts';

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
  const { decision, line } = await assess(ports, config, promotion, snapshot);
  const data = { promotion: ref.promotion };
  if (line.holder?.promotion !== ref.promotion)
    throw new Conflict(`${ref.promotion} does not hold its line any more; nothing was done`, {
      data: { ...data, holder: line.holder?.promotion },
    });
  if (decision.verdict === 'proceed') return;
  // Where something newer came while this was copied, it lands first all the same: else a busy line would never land.
  // A catch-up brings nothing new: where something else is promoted there by now, or stands in the Ledger, it has no purpose.
  const isOvertaken = decision.verdict === 'end' && decision.state === 'superseded';
  if (isOvertaken && promotion.kind !== 'catch-up') return;
  throw new GateClosed(`Its gates have closed since: ${decision.reasons.join('; ')}`, { data });
}
