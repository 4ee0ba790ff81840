import type { Vote } from '../domain/promotion.ts';
import { isFinal, type Landed, type Promotion } from '../domain/promotion.ts';
import { NEXT } from './next.ts';
import { plain } from './plain.ts';
import { momentWords } from './time-words.ts';
import {
  actorWords,
  digestWords,
  listWords,
  type Names,
  personWords,
  shortId,
  stateLook,
  type Tone,
} from './words.ts';

/** What there is to say about one promotion; every renderer (CLI, mail, page, Slack) says a part of it. */
export interface PromotionView {
  readonly id: string;
  readonly shortId: string;
  readonly service: string;
  readonly environment: string;
  readonly version: string;
  readonly digest: string;
  /** What the environment holds before; absent where nothing has landed yet. */
  readonly previous?: { readonly version: string; readonly digest: string; readonly since: string };
  readonly kind: Promotion['kind'];
  readonly state: { readonly word: string; readonly mark: string; readonly tone: Tone };
  readonly since: string;
  readonly because?: string;
  readonly requestedBy: string;
  readonly reason?: string;
  readonly approval?: ApprovalView;
  readonly next: readonly string[];
}

export interface ApprovalView {
  readonly minimum: number;
  readonly given: number;
  readonly missing: number;
  readonly votes: readonly {
    readonly name: string;
    readonly decision: Vote['decision'];
    readonly at: string;
    readonly note?: string;
  }[];
  /** Who was asked and has not answered. */
  readonly waitingFor: readonly string[];
  readonly expiresAt: string;
}

export function promotionView(promotion: Promotion, names: Names | undefined): PromotionView {
  const { previous, because, reason } = promotion;
  const approval = approvalView(promotion, names);
  return {
    id: promotion.id,
    shortId: shortId(promotion),
    service: promotion.service,
    environment: promotion.environment,
    version: promotion.version,
    digest: digestWords(promotion.digest),
    kind: promotion.kind,
    state: stateLook(promotion.state),
    since: promotion.stateSince,
    requestedBy: actorWords(promotion.requestedBy, names),
    next: nextOf(promotion),
    ...(previous === undefined ? {} : { previous: previousView(previous) }),
    ...(because === undefined ? {} : { because: plain(because) }),
    ...(reason === undefined ? {} : { reason: plain(reason) }),
    ...(approval === undefined ? {} : { approval }),
  };
}

function approvalView(promotion: Promotion, names: Names | undefined): ApprovalView | undefined {
  const approval = promotion.steps.approval;
  if (approval === undefined) return undefined;
  const given = approval.votes.filter(({ decision }) => decision === 'approve').length;
  const answered = new Set(approval.votes.map(({ person }) => person));
  return {
    minimum: approval.minimum,
    given,
    missing: Math.max(0, approval.minimum - given),
    votes: approval.votes.map(({ person, decision, at, note }) => ({
      name: personWords(person, names),
      decision,
      at,
      ...(note === undefined ? {} : { note: plain(note) }),
    })),
    waitingFor: approval.asked
      .filter((person) => !answered.has(person))
      .map((person) => personWords(person, names)),
    expiresAt: approval.expiresAt,
  };
}

const previousView = ({ version, digest, since }: Landed) => ({
  version,
  digest: digestWords(digest),
  since,
});

/** What to type next, best first. */
function nextOf({ id, service, environment, state }: Promotion): string[] {
  if (!isFinal(state))
    return state === 'awaiting approval' ? [NEXT.approve(id), NEXT.follow(id)] : [NEXT.follow(id)];
  if (state === 'promoted') return [NEXT.rollback(service, environment), NEXT.status()];
  if (state === 'superseded') return [NEXT.status()];
  return [NEXT.why(service, environment), NEXT.promote(service, environment)];
}

/** Why it waits, in one sentence; nothing when it does not wait. */
export function waitingWords({ state, because, approval }: PromotionView): string | undefined {
  if (state.word === 'queued')
    return because ?? 'another promotion of the same service and environment is running';
  if (state.word !== 'awaiting approval' || approval === undefined) return because;
  const more = `${approval.missing} more of ${listWords(approval.waitingFor, 'or')}`;
  return `approval: ${more}, until ${momentWords(approval.expiresAt)}`;
}
