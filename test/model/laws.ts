import type { Event, Move } from './machine.ts';
import type { Scope } from './rules.ts';
import { type Going, has, type State, shownIn, waitersOf, waits } from './state.ts';

/** What must be so, said without the rules: builds are numbers here, and votes are counted by hand. */
export type Law = (before: State, move: Move, scope: Scope) => boolean;

const rank = ({ kind, by }: Going) => (kind === 'rollback' ? 0 : by === 'conveyor' ? 2 : 1);

/** Rollbacks, then who asked first, then what goes by itself in build order. */
function goesBefore(a: Going, b: Going, { going }: State): boolean {
  if (rank(a) !== rank(b)) return rank(a) < rank(b);
  return rank(a) === 2 ? a.build < b.build : going.indexOf(a) < going.indexOf(b);
}

type Happened<W extends Event['what']> = Extract<Event, { what: W }>;

/** Whether it holds of each event of that kind. */
const all = <W extends Event['what']>(
  { events }: Move,
  what: W,
  holds: (event: Happened<W>) => boolean,
): boolean => events.every((event) => event.what !== what || holds(event as Happened<W>));

/**
 * That an approval is bound to what was shown is held at the gates, where it is decided; between them and the commit
 * the Ledger's own comparison stands guard.
 */
export const LAWS = {
  'passes only with the approvals demanded for what is shown now': (before, move, scope) =>
    all(move, 'passed', ({ who }) => {
      if (who.environment === 0 || scope.minimum === 0) return true;
      const { round, by } = who;
      if (round?.shown !== shownIn(before, 1)) return false;
      const answers = Object.entries(round.votes).filter(
        ([person]) => scope.selfApproval || person !== by,
      );
      const yes = answers.filter(([, answer]) => answer === 'approve');
      return yes.length >= scope.minimum && yes.length === answers.length;
    }),

  'neither asks nor hears who asked for it, nor anybody where that is unknown': (_, move, scope) =>
    scope.selfApproval ||
    (all(move, 'asked', ({ who, whom }) => !whom.includes(who.by)) &&
      move.next.going.every(
        ({ by, round }) =>
          round === undefined || (by !== 'nobody' && (by === 'conveyor' || !round.votes[by])),
      )),

  'one holds a line, and it is who has its lock': (_, { next }) =>
    ([0, 1] as const).every((environment) => {
      const holders = next.going.filter((one) => one.environment === environment && !waits(one));
      return holders.length <= 1 && holders[0]?.id === next.lock[environment];
    }),

  'takes its turn after all who go before it': (before, move) =>
    all(move, 'took', ({ who }) =>
      waitersOf(before, who.environment).every(
        (other) => other.id === who.id || gone(other, move) || !goesBefore(other, who, before),
      ),
    ),

  'goes backwards only where somebody asked': (before, move) =>
    all(move, 'ended', ({ who, as }) => {
      const landed = before.landed[who.environment];
      const forwards = landed === undefined || who.build >= landed;
      return as !== 'promoted' || who.by !== 'conveyor' || forwards;
    }),

  'goes nowhere past a stage that had it not': (before, move) =>
    all(
      move,
      'passed',
      ({ who }) =>
        (who.environment === 0 && who.kind === 'promotion') ||
        has(before.held[who.kind === 'rollback' ? who.environment : 0], who.build),
    ),

  'ends once': (before, move) =>
    all(move, 'ended', ({ who }) => !before.over.includes(who.id)) &&
    move.next.going.every(({ id }) => !move.next.over.includes(id)),

  'under latest lets the newest of those that wait go first': (before, move, scope) =>
    scope.strategy === 'every' ||
    all(
      move,
      'passed',
      ({ who }) =>
        who.kind === 'rollback' ||
        waitersOf(before, who.environment).every(
          (other) =>
            other.kind === 'rollback' ||
            other.build <= who.build ||
            (other.environment === 1 && !has(before.held[0], other.build)),
        ),
    ),

  'never lets a rollback make way for a promotion': (_, move) =>
    all(move, 'ended', ({ who, as }) => who.kind === 'promotion' || as !== 'superseded'),

  'has in the end the newest of what came by itself, where nobody and nothing interferes': (
    _,
    { next },
    { asks, rollbacks, deaths, minimum, first },
  ) =>
    next.going.length > 0 ||
    asks + rollbacks + deaths + minimum > 0 ||
    first === 'at once' ||
    next.landed[0] === newest(next.over),
} satisfies Record<string, Law>;

export type LawName = keyof typeof LAWS;

const gone = (one: Going, move: Move) => !all(move, 'ended', ({ who }) => who !== one);
const newest = (over: readonly string[]) =>
  over
    .filter((id) => id.startsWith('0 '))
    .map((id) => Number(id.slice(2)))
    .sort()
    .at(-1);
