import type { FinalState } from '../../lambdas/domain/promotion.ts';

/**
 * One service in a small world: two environments, three releases, two approvers. Everything that the rules look at,
 * and nothing besides, so that the states there are can be counted out.
 */
export type Person = 'ana' | 'li';
/** `nobody`: a principal that is no person in the configuration. */
export type Asker = Person | 'nobody' | 'conveyor';
export type Kind = 'promotion' | 'rollback';
export type Environment = 0 | 1;

/** The number is the build order; what the laws compare, while the rules compare versions and times. */
export type Build = 0 | 1 | 2;
export const BUILDS: readonly Build[] = [0, 1, 2];
/** As text 10 is before 8, and by their pushes 9 is first: only as numbers are they in order. */
export const RELEASES = [
  { version: '8', pushedAt: '2026-03-01T10:00:03.000Z' },
  { version: '9', pushedAt: '2026-03-01T10:00:01.000Z' },
  { version: '10', pushedAt: '2026-03-01T10:00:02.000Z' },
] as const;

/** A round of asking, bound to what was shown. */
export interface Round {
  readonly shown: string;
  readonly votes: Readonly<Partial<Record<Person, 'approve' | 'reject'>>>;
  /** Its time is over. */
  readonly late: boolean;
}

/** `coming`, `turned away` and `parked` wait for their turn; all others hold their line. */
export type At =
  | 'coming'
  | 'turned away'
  | 'parked'
  | 'checking'
  | 'awaiting'
  | 'woken'
  | 'passed'
  | 'committed'
  | 'ending';

/** A promotion that has not ended. */
export interface Going {
  readonly id: string;
  readonly environment: Environment;
  readonly build: Build;
  readonly kind: Kind;
  readonly by: Asker;
  readonly at: At;
  readonly ending?: FinalState;
  readonly round?: Round;
}

/** Of the two environments. */
type Pair<T> = readonly [T, T];

export interface State {
  /** In the order in which they joined. */
  readonly going: readonly Going[];
  /** Who holds each environment's line. */
  readonly lock: Pair<string | undefined>;
  readonly landed: Pair<Build | undefined>;
  /** Every build that each environment ever held, as bits. */
  readonly held: Pair<number>;
  /** How often somebody else has edited the Ledger. */
  readonly edits: number;
  /** Those that have ended, in the order of their names. */
  readonly over: readonly string[];
  readonly deaths: number;
}

export const START: State = {
  going: [],
  lock: [undefined, undefined],
  landed: [undefined, undefined],
  held: [0, 0],
  edits: 0,
  over: [],
  deaths: 0,
};

const WAITING: readonly At[] = ['coming', 'turned away', 'parked'];
export const waits = ({ at }: Going): boolean => WAITING.includes(at);
export const waitersOf = ({ going }: State, environment: Environment): readonly Going[] =>
  going.filter((one) => one.environment === environment && waits(one));
export const has = (bits: number, build: Build): boolean => (bits & (1 << build)) !== 0;

/** What an approver would be shown: what the environment holds, and the Ledger's text. */
export const shownIn = ({ landed, edits }: State, environment: Environment): string =>
  `${landed[environment] ?? '-'}/${edits}`;

/** The pair at `environment` changed; the other as it was. */
export function at<T>(pair: Pair<T>, environment: Environment, value: T): Pair<T> {
  return environment === 0 ? [value, pair[1]] : [pair[0], value];
}

/**
 * One name for all states that differ in nothing but which of the two approvers is which: the rules treat them alike,
 * so what holds in one of those states holds in the other, under the swapped names.
 */
export function nameOf(state: State): string {
  const one = written(state, 'ana', 'li');
  const other = written(state, 'li', 'ana');
  return one < other ? one : other;
}

function written(state: State, first: Person, second: Person): string {
  let name = `${state.lock}|${state.landed}|${state.held}|${state.edits}|${state.over}|${state.deaths}`;
  // Who joined one line before whom matters; between two lines, and for who holds one, it does not.
  for (const environment of [0, 1])
    for (const waiting of [false, true])
      for (const one of state.going)
        if (one.environment === environment && waits(one) === waiting) {
          const { id, build, by, at: where, ending, round } = one;
          const who = by === first ? 'a' : by === second ? 'b' : by;
          name += `;${id} ${build} ${who} ${where} ${ending}`;
          if (round)
            name += ` ${round.shown} ${round.votes[first]} ${round.votes[second]} ${round.late}`;
        }
  return name;
}
