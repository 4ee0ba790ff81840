import type { ConveyorConfig } from '../../lambdas/domain/config.ts';
import { decide, type Facts, type Policy } from '../../lambdas/domain/decide.ts';
import { mayDecide } from '../../lambdas/domain/identity.ts';
import { compareWaiters } from '../../lambdas/domain/line-order.ts';
import { compareReleases } from '../../lambdas/domain/release-order.ts';
import { ana, li, shop } from '../promote/shop.ts';
import {
  type Environment,
  type Going,
  has,
  RELEASES,
  type Round,
  type State,
  shownIn,
  waitersOf,
} from './state.ts';

/** What stands in a line, as the hand-over sees it. */
export interface InLine {
  readonly promotion: string;
  readonly token?: string;
}

/**
 * Who is given the lock when `leaver` goes: TableLines' own rule, which `hand-over.test.ts` holds this one against
 * in every small line there is.
 */
export function nextInLine<W extends InLine>(
  leaver: string,
  holder: string | undefined,
  waiters: readonly W[],
): W | undefined {
  if (holder !== undefined && holder !== leaver) return undefined;
  const first = waiters.find(({ promotion }) => promotion !== leaver);
  return first?.token === undefined ? undefined : first;
}

/** The rules of the product, which the search composes; a test plants a fault by putting another in place of one. */
export const REAL = { decide, mayDecide, compareReleases, compareWaiters, nextInLine };
export type Rules = typeof REAL;

/** How much of the world is played. */
export interface Scope {
  readonly strategy: Policy['strategy'];
  /** What the second environment demands; the first demands nothing. */
  readonly minimum: 0 | 1 | 2;
  readonly selfApproval: boolean;
  /** Whether a release that lands in the first environment goes on to the second by itself. */
  readonly auto: boolean;
  /** `at once`: whatever the first environment does is one step of which any may come at any time. */
  readonly first: 'in full' | 'at once';
  /** At most so many of each. */
  readonly builds: number;
  readonly asks: number;
  readonly rollbacks: number;
  readonly edits: number;
  readonly deaths: number;
}

export const NOW = new Date('2026-03-01T12:00:00.000Z');
const BEFORE = '2026-03-01T11:00:00.000Z';
const AFTER = '2026-03-01T13:00:00.000Z';
export const NAMES = ['qa', 'prod'] as const;

/** The first environment lets everything pass; the second asks as many as the scope says. */
export function policyOf(scope: Scope, environment: Environment): Policy {
  const { strategy, minimum, selfApproval } = scope;
  if (environment === 0 || minimum === 0) return { strategy };
  return { strategy, approval: { approvers: [ana, li], minimum, selfApproval, required: true } };
}

const configs = new Map<string, ConveyorConfig>();

function configOf({ minimum, selfApproval }: Scope): ConveyorConfig {
  const key = `${minimum} ${selfApproval}`;
  const known = configs.get(key);
  if (known !== undefined) return known;
  const made = shop({ prod: { approval: { approvers: ['ana', 'li'], minimum, selfApproval } } });
  configs.set(key, made);
  return made;
}

/** Those in line, as the table gives them: in the order in which they will go. */
export function lineOf(state: State, environment: Environment, rules: Rules) {
  return waitersOf(state, environment)
    .map((going) => ({
      going,
      ...RELEASES[going.build],
      promotion: going.id,
      kind: going.kind,
      automatic: going.by === 'conveyor',
      since: `2026-03-01T11:00:0${state.going.indexOf(going)}.000Z`,
      ...(going.at === 'parked' && { token: 'sealed' }),
    }))
    .sort(rules.compareWaiters);
}

/** What `gather-facts` gathers, and `decide` over it. */
export function decisionOn(state: State, going: Going, scope: Scope, rules: Rules) {
  const { environment, build, kind, by } = going;
  const policy = policyOf(scope, environment);
  const landed = state.landed[environment];
  const waiting = lineOf(state, environment, rules).filter(
    (other) =>
      (policy.strategy === 'latest' || other.kind === 'rollback') &&
      stageBefore(state, other.going) !== 'never promoted',
  );
  const facts: Facts = {
    release: RELEASES[build],
    kind,
    automatic: by === 'conveyor',
    ...(by === 'ana' && { requester: ana }),
    ...(by === 'li' && { requester: li }),
    approvalWanted: false,
    ...(landed !== undefined && { landed: RELEASES[landed] }),
    waiting,
    before: stageBefore(state, going),
    beforeName: NAMES[kind === 'rollback' ? environment : 0],
    shown: shownIn(state, environment),
    ...(going.round && { approval: approvalOf(going.round) }),
  };
  return rules.decide(policy, facts, NOW);
}

function stageBefore({ held }: State, { environment, build, kind }: Going): Facts['before'] {
  if (kind === 'promotion' && environment === 0) return 'first';
  return has(held[kind === 'rollback' ? environment : 0], build) ? 'promoted' : 'never promoted';
}

const votesOf = ({ votes }: Round) =>
  [ana, li].flatMap((person) => {
    const decision = votes[person as 'ana' | 'li'];
    return decision ? [{ person, decision, at: BEFORE, via: 'page' as const }] : [];
  });

const approvalOf = (round: Round) => ({
  state: 'open' as const,
  shown: round.shown,
  expiresAt: round.late ? BEFORE : AFTER,
  votes: votesOf(round),
});

/** Whether `mayDecide` lets this person answer for a promotion that awaits its approval. */
export function mayAnswer(going: Going, person: 'ana' | 'li', scope: Scope, rules: Rules): boolean {
  const { by, environment, round } = going;
  const requestedBy =
    by === 'conveyor'
      ? { automatic: 'promotion' }
      : { principal: `arn:${by}`, ...(by !== 'nobody' && { person: by }) };
  const promotion = {
    environment: NAMES[environment],
    state: 'awaiting approval',
    requestedBy,
    steps: { approval: { votes: round === undefined ? [] : votesOf(round) } },
  };
  const who = person === 'ana' ? ana : li;
  // `mayDecide` reads these four of a promotion's twenty fields.
  return rules.mayDecide(promotion as never, who, configOf(scope)).allowed;
}
