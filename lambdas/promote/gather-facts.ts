import { approversOf, type ConveyorConfig, type EnvironmentConfig } from '../domain/config.ts';
import { type Decision, decide, type Facts, type Policy } from '../domain/decide.ts';
import { digestOf } from '../domain/digest.ts';
import type { LedgerDiff, Promotion } from '../domain/promotion.ts';
import { editsFor, targetOf } from '../ledger/edits-for.ts';
import { previewEdits, valueIn } from '../ledger/plan-edits.ts';
import type { Approval, Approvals } from '../ports/approvals.ts';
import type { Clock } from '../ports/clock.ts';
import type { Ledger, LedgerSnapshot } from '../ports/ledger.ts';
import type { Line, Lines, Waiter } from '../ports/lines.ts';
import type { Promotions } from '../ports/promotions.ts';
import { environmentConfig, stageOf } from './new-promotion.ts';

export interface FactPorts {
  readonly lines: Lines;
  readonly promotions: Promotions;
  readonly approvals: Approvals;
  readonly ledger: Ledger;
  readonly clock: Clock;
}

export interface Assessment {
  readonly decision: Decision;
  readonly facts: Facts;
  /** Hash of the policy that was applied. */
  readonly policy: string;
  readonly line: Line;
  readonly approval?: Approval;
  /** What will change in the Ledger; gathered only where somebody is to be shown it. */
  readonly diff: readonly LedgerDiff[];
}

/** Gathers what the decision rests on, and decides, over the Ledger as it was `seen` or else as it is. Reads only. */
export async function assess(
  ports: FactPorts,
  config: ConveyorConfig,
  promotion: Promotion,
  seen?: LedgerSnapshot,
): Promise<Assessment> {
  const environment = environmentConfig(config, promotion.environment);
  const policy = policyOf(config, environment);
  const asks =
    promotion.kind !== 'catch-up' &&
    policy.approval !== undefined &&
    (policy.approval.required || promotion.approvalWanted);
  const line = await ports.lines.read(promotion.service, promotion.environment);
  const [waiting, before, approval, diff, stands] = await Promise.all([
    mayFollow(ports.promotions, config, promotion, goingBefore(policy, line)),
    wasBefore(ports.promotions, config, promotion),
    asks ? ports.approvals.latest(promotion.id) : undefined,
    asks ? ledgerDiff(ports, config, promotion, seen) : undefined,
    promotion.kind === 'catch-up' ? standing(ports, config, promotion, seen) : undefined,
  ]);
  const policyHash = digestOf(JSON.stringify(policy));
  const shown = digestOf(
    JSON.stringify([
      promotion.digest,
      line.landed ?? null,
      diff?.map((change) => change.blob) ?? null,
      policyHash,
    ]),
  );
  const facts: Facts = {
    release: { version: promotion.version, pushedAt: promotion.pushedAt },
    kind: promotion.kind,
    automatic: 'automatic' in promotion.requestedBy,
    ...('person' in promotion.requestedBy &&
      promotion.requestedBy.person !== undefined && { requester: promotion.requestedBy.person }),
    approvalWanted: promotion.approvalWanted,
    ...(line.landed && { landed: line.landed }),
    waiting,
    ...before,
    ...(stands !== undefined && { stands }),
    shown,
    ...(approval && { approval }),
  };
  return {
    decision: decide(policy, facts, ports.clock.now()),
    facts,
    policy: policyHash,
    line,
    ...(approval && { approval }),
    diff: (diff ?? []).map(({ blob: _, ...change }) => change),
  };
}

export function policyOf(
  config: ConveyorConfig,
  { strategy, approval }: EnvironmentConfig,
): Policy {
  if (approval === undefined) return { strategy };
  const { minimum, selfApproval, required } = approval;
  return {
    strategy,
    approval: { approvers: approversOf(config, approval), minimum, selfApproval, required },
  };
}

/** Those in line that may make this one give way: rollbacks always, others under `latest` alone. */
function goingBefore({ strategy }: Policy, { waiters }: Line): readonly Waiter[] {
  return strategy === 'latest' ? waiters : waiters.filter(({ kind }) => kind === 'rollback');
}

/** Of them, those that could go themselves: one that will be refused supersedes nobody. */
async function mayFollow(
  promotions: Promotions,
  config: ConveyorConfig,
  { service, environment }: Promotion,
  waiters: readonly Waiter[],
): Promise<readonly Waiter[]> {
  const before = await Promise.all(
    waiters.map(({ version, kind }) =>
      wasBefore(promotions, config, { service, environment, version, kind }),
    ),
  );
  return waiters.filter((_, i) => before[i]?.before !== 'never promoted');
}

async function wasBefore(
  promotions: Promotions,
  config: ConveyorConfig,
  promotion: Pick<Promotion, 'service' | 'environment' | 'version' | 'kind'>,
): Promise<Pick<Facts, 'before' | 'beforeName'>> {
  const { service, environment, version, kind } = promotion;
  const where = kind === 'promotion' ? stageOf(config, service, environment).before : environment;
  if (where === undefined) return { before: 'first' };
  const promoted = await promotions.wasPromoted(service, where, version);
  return { before: promoted ? 'promoted' : 'never promoted', beforeName: where };
}

/** What the Ledger says in the place of the version. */
async function standing(
  { ledger, clock }: FactPorts,
  config: ConveyorConfig,
  promotion: Promotion,
  seen: LedgerSnapshot | undefined,
): Promise<string> {
  const { path, key } = targetOf(config, promotion);
  const { files } = seen ?? (await ledger.read([path], clock.now()));
  return valueIn(files, path, key);
}

async function ledgerDiff(
  { ledger, clock }: FactPorts,
  config: ConveyorConfig,
  promotion: Promotion,
  seen: LedgerSnapshot | undefined,
) {
  const edits = editsFor(config, promotion);
  const paths = [...new Set(edits.map((edit) => edit.path))];
  // Only what files say counts here, so no commit is asked for.
  const snapshot = seen ?? (await ledger.read(paths, clock.now()));
  return previewEdits(snapshot, edits).changes;
}
