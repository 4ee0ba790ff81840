import type { ConveyorConfig } from '../domain/config.ts';
import type { Actor, Promotion } from '../domain/promotion.ts';
import type { PromotionRef } from '../ports/releases.ts';
import type { Rollouts } from '../ports/rollouts.ts';
import type { FactPorts } from '../promote/gather-facts.ts';
import { requireOpenGates } from '../promote/require-open-gates.ts';
import { editsFor } from './edits-for.ts';
import { hostsEdits } from './hosts-edits.ts';
import type { LedgerEdit } from './plan-edits.ts';
import { type LedgerOutcome, updateLedger } from './update-ledger.ts';

/**
 * Lands a promotion in the Ledger, as one commit, once, and records which. The gates are asked once more, over the very text
 * that the commit changes: copying takes its time, and a policy or a manifest may have moved meanwhile.
 * @throws GateClosed where they say otherwise now; Conflict where the promotion does not hold its line any more
 */
export async function landPromotion(
  ports: FactPorts & { readonly rollouts: Rollouts },
  config: ConveyorConfig,
  ref: PromotionRef,
): Promise<void> {
  const { promotions, ledger, clock } = ports;
  const promotion = await promotions.get(ref);
  // A catch-up finds the version there; it only adds what hosts run.
  const version = (promotion.kind === 'catch-up' ? [] : editsFor(config, promotion)).map(
    (edit) => ({
      ...edit,
      ...shownFor(promotion, edit),
    }),
  );
  const landed = await updateLedger({
    ledger,
    clock,
    promotion: {
      ...promotion,
      requestedBy: nameOf(promotion.requestedBy),
      approvedBy: approversIn(promotion),
      createdAt: earliestCommit(promotion),
    },
    edits: [...version, ...(await hostsEdits(ports.rollouts, config, promotion))],
    guard: (snapshot) => requireOpenGates(ports, config, ref, snapshot),
  });
  await noteLanded(ports, ref, landed);
}

/** Puts into the record what the Ledger says of a promotion. */
export async function noteLanded(
  { promotions, clock }: Pick<FactPorts, 'promotions' | 'clock'>,
  ref: PromotionRef,
  {
    outcome,
    commit,
    changes,
  }: Pick<LedgerOutcome, 'commit' | 'changes'> & {
    readonly outcome: LedgerOutcome['outcome'] | 'not-committed';
  },
): Promise<void> {
  const at = clock.now().toISOString();
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

/** No commit of a promotion is older than its last look at the gates, however long its approval took. */
export function earliestCommit({ steps, createdAt }: Promotion): Date {
  return new Date(steps.gates?.at ?? createdAt);
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
