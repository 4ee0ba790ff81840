import type { PersonName } from './names.ts';
import type { FinalState, PromotionKind, Vote } from './promotion.ts';
import { compareReleases, type Ordered } from './release-order.ts';

/** What the environment's part of `conveyor.yaml` demands, resolved to people. */
export interface Policy {
  readonly strategy: 'latest' | 'every';
  readonly approval?: {
    readonly approvers: readonly PersonName[];
    readonly minimum: number;
    readonly selfApproval: boolean;
    readonly required: boolean;
  };
}

/** Everything the decision rests on; gathered before, so that a recorded decision can be derived again. */
export interface Facts {
  readonly release: Ordered;
  readonly kind: PromotionKind;
  /** Nobody asked: the environment promotes by itself. */
  readonly automatic: boolean;
  /** Who asked, where it is a person that the configuration knows. */
  readonly requester?: PersonName;
  readonly approvalWanted: boolean;
  /** What the environment holds. */
  readonly landed?: Ordered;
  /** Newer ones that stand behind this one in line. */
  readonly waiting: readonly (Ordered & {
    readonly promotion: string;
    readonly kind: PromotionKind;
  })[];
  /** Of a catch-up: what the Ledger says there now. */
  readonly stands?: string;
  /** The stage before (a promotion) or this environment (else) held these bytes once; `first` has no stage before it. */
  readonly before: 'first' | 'promoted' | 'never promoted';
  /** Where those bytes should have been, for the reason's words. */
  readonly beforeName?: string;
  /** Hash of what an approver would be shown now. */
  readonly shown: string;
  readonly approval?: {
    readonly state: 'open' | 'void' | 'expired';
    readonly shown: string;
    readonly expiresAt: string;
    readonly votes: readonly Vote[];
  };
}

export type Decision =
  | { readonly verdict: 'proceed'; readonly reasons: readonly string[] }
  | {
      readonly verdict: 'ask';
      readonly whom: readonly PersonName[];
      readonly minimum: number;
      readonly reasons: readonly string[];
    }
  | { readonly verdict: 'end'; readonly state: FinalState; readonly reasons: readonly string[] };

/**
 * The one place where it is decided whether a promotion goes on. Pure: same policy, facts and time, same decision;
 * every decision says why.
 */
export function decide(policy: Policy, facts: Facts, now: Date): Decision {
  const order = inOrder(policy, facts);
  if (order !== undefined) return order;
  if (facts.kind === 'catch-up') return catchUp(facts);
  const approval = approved(policy, facts, now);
  if (approval.verdict === 'ask') return rollbackFirst(facts) ?? approval;
  if (approval.verdict === 'end') return approval;
  return { ...approval, reasons: [...stageReasons(facts), ...approval.reasons] };
}

function inOrder(policy: Policy, facts: Facts): Decision | undefined {
  if (facts.before === 'never promoted') {
    const where = facts.beforeName ?? 'the stage before';
    return end(
      'refused',
      facts.kind !== 'promotion'
        ? `${facts.release.version} never ran in ${where}`
        : `${facts.release.version} was never promoted in ${where}`,
    );
  }
  if (facts.kind === 'rollback') return undefined;
  if (facts.automatic && facts.landed && compareReleases(facts.release, facts.landed) < 0)
    return end('superseded', `${facts.landed.version} is newer and landed already`);
  if (policy.strategy === 'every') return undefined;
  const newer = facts.waiting.filter(
    (other) => other.kind === 'promotion' && compareReleases(facts.release, other) < 0,
  );
  const newest = [...newer].sort(compareReleases).at(-1);
  return (
    newest &&
    end(
      'superseded',
      `${newest.version} is newer and waits (${newest.promotion}); the strategy is latest`,
    )
  );
}

/**
 * No approval is asked: it was given when the version was promoted here. A catch-up never waits for a gate that is closed; the
 * sweep comes again.
 */
function catchUp({ release, landed, stands }: Facts): Decision {
  if (landed?.version !== release.version)
    return end('superseded', `${landed?.version ?? 'nothing'} is what is promoted here now`);
  if (stands !== release.version)
    return end('superseded', `the Ledger says ${stands ? stands : 'nothing'} in its place now`);
  return { verdict: 'proceed', reasons: ['promoted here; brought to hosts that do not run it'] };
}

/** A fire is not put out behind somebody's day to answer: what only waits to be approved makes way, and can be asked again. */
function rollbackFirst(facts: Facts): Decision | undefined {
  if (facts.kind === 'rollback') return undefined;
  const rollback = facts.waiting.find((other) => other.kind === 'rollback');
  return (
    rollback &&
    end(
      'superseded',
      `a rollback to ${rollback.version} waits (${rollback.promotion}); ask again after it`,
    )
  );
}

function approved(policy: Policy, facts: Facts, now: Date): Decision {
  const rule = policy.approval;
  if (rule === undefined || !(rule.required || facts.approvalWanted))
    return { verdict: 'proceed', reasons: ['no approval needed'] };
  if (!rule.selfApproval && facts.requester === undefined && !facts.automatic)
    return end(
      'refused',
      'who asked is nobody under people:, so that one’s own approval could not be told from another’s',
    );

  const whom = [...new Set(rule.approvers)].filter(
    (person) => rule.selfApproval || person !== facts.requester,
  );
  if (whom.length < rule.minimum)
    return end(
      'refused',
      `${rule.minimum} approvals are needed and only ${whom.length} may give them`,
    );
  const ask = (reason: string): Decision => ({
    verdict: 'ask',
    whom,
    minimum: rule.minimum,
    reasons: [...stageReasons(facts), reason],
  });

  const round = facts.approval;
  if (round === undefined) return ask('approval needed');
  if (round.state === 'expired') return end('expired', 'nobody decided in time');
  if (round.state === 'void' || round.shown !== facts.shown)
    return ask('what was shown has changed: asked anew');

  const counted = round.votes.filter((vote) => whom.includes(vote.person));
  const no = counted.find((vote) => vote.decision === 'reject');
  if (no)
    return end('rejected', `${no.person} rejected${no.note === undefined ? '' : `: ${no.note}`}`);
  const yes = new Set(counted.map((vote) => vote.person));
  if (yes.size >= rule.minimum)
    return { verdict: 'proceed', reasons: [`approved by ${[...yes].join(', ')}`] };
  if (now.getTime() >= Date.parse(round.expiresAt))
    return end('expired', `${yes.size} of ${rule.minimum} approved in time`);
  return ask(`${yes.size} of ${rule.minimum} approved`);
}

function stageReasons(facts: Facts): string[] {
  return facts.before === 'promoted' && facts.beforeName !== undefined
    ? [`promoted in ${facts.beforeName}`]
    : [];
}

function end(state: FinalState, reason: string): Decision {
  return { verdict: 'end', state, reasons: [reason] };
}
