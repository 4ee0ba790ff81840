import type { ConveyorConfig } from '../domain/config.ts';
import type { Actor, Promotion } from '../domain/promotion.ts';
import type { Clock } from '../ports/clock.ts';
import type { Ledger } from '../ports/ledger.ts';
import type { Promotions } from '../ports/promotions.ts';
import type { PromotionRef } from '../ports/releases.ts';
import { editsFor } from './edits-for.ts';
import type { LedgerEdit } from './plan-edits.ts';
import { updateLedger } from './update-ledger.ts';

/** Lands a promotion in the Ledger, as one commit, once, and records which. */
export async function landPromotion(
  { promotions, ledger, clock }: { promotions: Promotions; ledger: Ledger; clock: Clock },
  config: ConveyorConfig,
  ref: PromotionRef,
): Promise<void> {
  const promotion = await promotions.get(ref);
  const landed = await updateLedger({
    ledger,
    clock,
    promotion: {
      ...promotion,
      requestedBy: nameOf(promotion.requestedBy),
      approvedBy: approversIn(promotion),
      // No commit of this promotion is older than its last look at the gates, however long its approval took.
      createdAt: new Date(promotion.steps.gates?.at ?? promotion.createdAt),
    },
    edits: editsFor(config, promotion).map((edit) => ({ ...edit, ...shownFor(promotion, edit) })),
  });
  const at = clock.now().toISOString();
  const { outcome, commit, changes } = landed;
  const step = {
    at,
    outcome,
    ...(commit && { commit: commit.id, url: commit.url }),
    changes: [...changes],
  };
  await promotions.note(
    ref,
    { state: 'observing', because: 'in the Ledger', steps: { ledger: step } },
    at,
  );
}

function nameOf(actor: Actor): string {
  return 'automatic' in actor ? `conveyor (${actor.automatic})` : (actor.person ?? actor.principal);
}

function approversIn(promotion: Promotion): string[] {
  return (promotion.steps.approval?.votes ?? [])
    .filter((vote) => vote.decision === 'approve')
    .map((vote) => vote.person);
}

/** What approvers saw in the edit's place: anything else there now is somebody's change, and not overwritten. */
function shownFor({ steps }: Promotion, { path, key }: LedgerEdit): Pick<LedgerEdit, 'expected'> {
  const shown = steps.approval?.diff.find((diff) => diff.path === path && diff.key === key);
  return shown === undefined ? {} : { expected: shown.before };
}
