import type { ConveyorConfig } from '../domain/config.ts';
import { isImage, isSamePlace } from '../domain/place.ts';
import { type FinalState, isFinal } from '../domain/promotion.ts';
import { targetOf } from '../ledger/edits-for.ts';
import type { PromotionRef } from '../ports/releases.ts';
import { assess, type FactPorts } from './gather-facts.ts';

export interface Gates {
  readonly verdict: 'proceed' | 'ask' | 'end';
  /** For `end`: which. */
  readonly ending: FinalState | null;
  /** Source and destination differ: there is something to copy. */
  readonly copies: boolean;
  /** Which functions copy it. */
  readonly kind: 'image' | 'tarball';
  /** Hosts are brought to it, before the Ledger says so. */
  readonly onHosts: boolean;
}

/** Decides over the facts of this moment and records the decision with its reasons. */
export async function checkGates(
  ports: FactPorts,
  config: ConveyorConfig,
  ref: PromotionRef,
): Promise<Gates> {
  const promotion = await ports.promotions.get(ref);
  // A stopped execution that somebody redrives comes back here, whatever became of its promotion meanwhile.
  const copies = !isSamePlace(promotion.source, promotion.destination);
  const kind = isImage(promotion.source) ? 'image' : 'tarball';
  const { onHosts } = targetOf(config, promotion);
  const way = { copies, kind, onHosts } as const;
  if (isFinal(promotion.state)) return { verdict: 'end', ending: promotion.state, ...way };
  const { decision, policy, approval } = await assess(ports, config, promotion);
  const at = ports.clock.now().toISOString();
  const { verdict, reasons } = decision;
  const votes = approval &&
    promotion.steps.approval && {
      approval: { ...promotion.steps.approval, votes: [...approval.votes] },
    };
  await ports.promotions.note(
    ref,
    {
      ...(verdict === 'proceed' && { state: 'copying' as const }),
      because: reasons.join('; '),
      steps: {
        gates: {
          at,
          decision: verdict === 'end' ? decision.state : verdict,
          reasons: [...reasons],
          policy,
        },
        ...votes,
      },
    },
    at,
  );
  return { verdict, ending: verdict === 'end' ? decision.state : null, ...way };
}
