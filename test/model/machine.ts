import type { FinalState } from '../../lambdas/domain/promotion.ts';
import { decisionOn, lineOf, mayAnswer, NAMES, type Rules, type Scope } from './rules.ts';
import {
  type Asker,
  at,
  BUILDS,
  type Build,
  type Environment,
  type Going,
  has,
  type Kind,
  RELEASES,
  type State,
  shownIn,
} from './state.ts';

/** What a step did, for the laws to judge. */
export type Event =
  | { readonly what: 'took'; readonly who: Going }
  | { readonly what: 'passed'; readonly who: Going }
  | { readonly what: 'asked'; readonly who: Going; readonly whom: readonly string[] }
  | { readonly what: 'ended'; readonly who: Going; readonly as: FinalState };

export interface Move {
  readonly name: string;
  readonly next: State;
  readonly events: readonly Event[];
  /** Conveyor's own, or the clock's: it comes without anybody's doing. */
  readonly own: boolean;
}

type Parts = Pick<Move, 'name' | 'next'> & Partial<Move>;
const move = (parts: Parts): Move => ({ events: [], own: false, ...parts });

/** Everything that may happen next. */
export function moves(state: State, scope: Scope, rules: Rules): Move[] {
  return [
    ...arrivals(state, scope, rules),
    ...requests(state, scope, rules),
    // An edit before anybody was asked changes nothing that was shown.
    ...(state.edits < scope.edits && state.going.some(({ round }) => round)
      ? [move({ name: 'the Ledger is edited', next: { ...state, edits: state.edits + 1 } })]
      : []),
    ...state.going.flatMap((going) => [
      ...steps(state, going, scope, rules),
      ...votes(state, going, scope, rules),
      ...(state.deaths < scope.deaths ? [death(state, going, rules)] : []),
    ]),
  ];
}

function arrivals(state: State, scope: Scope, rules: Rules): Move[] {
  return BUILDS.slice(0, scope.builds).flatMap((build) => {
    const { version } = RELEASES[build];
    const id = `0 ${build}`;
    if (state.over.includes(id) || state.going.some((going) => going.id === id)) return [];
    if (scope.first === 'in full') {
      const next = joined(state, { id, environment: 0, build, kind: 'promotion' }, scope, rules);
      return [move({ name: `${version} arrives`, next })];
    }
    const there: State = { ...state, over: sorted([...state.over, id]) };
    return [move({ name: `${version} lands in qa`, next: reached(there, build, 0, scope, rules) })];
  });
}

function requests(state: State, scope: Scope, rules: Rules): Move[] {
  const ask = (kind: Kind, limit: number, environment: Environment): Move[] => {
    const known = [...state.going.map(({ id }) => id), ...state.over];
    const nth = known.filter((id) => id.startsWith(`${environment} ${kind}`)).length;
    if (nth >= limit) return [];
    const id = `${environment} ${kind} ${nth}`;
    return (['ana', 'li', 'nobody'] as const).flatMap((by) =>
      BUILDS.slice(0, scope.builds).map((build) =>
        move({
          name: `${by} asks for ${kind === 'rollback' ? 'a rollback to ' : ''}${RELEASES[build].version}`,
          next: joined(state, { id, environment, build, kind, by }, scope, rules),
        }),
      ),
    );
  };
  return [...ask('promotion', scope.asks, 1), ...ask('rollback', scope.rollbacks, 1)];
}

/** A promotion joins its line, and wakes a holder that only awaits its approval where it goes before it (`nudge-holder`). */
function joined(
  state: State,
  asked: Omit<Going, 'at' | 'by'> & { readonly by?: Asker },
  { strategy }: Scope,
  rules: Rules,
): State {
  const { environment, kind, build } = asked;
  const nudged = state.going.map((going) => {
    if (going.id !== state.lock[environment] || going.at !== 'awaiting') return going;
    const newer = rules.compareReleases(RELEASES[going.build], RELEASES[build]) < 0;
    const makesWay = kind === 'rollback' || (strategy === 'latest' && newer);
    return makesWay ? { ...going, at: 'woken' as const } : going;
  });
  return { ...state, going: [...nudged, { by: 'conveyor', ...asked, at: 'coming' }] };
}

/** An environment holds a build from now on; where the next one promotes by itself, that follows. */
function reached(
  state: State,
  build: Build,
  environment: Environment,
  scope: Scope,
  rules: Rules,
): State {
  const held = at(state.held, environment, state.held[environment] | (1 << build));
  const landed = at(state.landed, environment, build);
  const there = { ...state, held, landed };
  const id = `1 ${build}`;
  const offers = environment === 0 && scope.auto && !has(state.held[0], build);
  return offers
    ? joined(there, { id, environment: 1, build, kind: 'promotion' }, scope, rules)
    : there;
}

/** What Conveyor does next with one promotion, and what time does to it. */
function steps(state: State, going: Going, scope: Scope, rules: Rules): Move[] {
  const { environment, id, at: where } = going;
  const to = (change: Partial<Going>): State => changed(state, { ...going, ...change });
  const free = state.lock[environment] === undefined;
  const first = () => lineOf(state, environment, rules)[0]?.promotion === id;
  const own = true;
  const who = called(going);
  if (where === 'coming') {
    if (!free || !first())
      return [move({ name: `${who} is not first`, next: to({ at: 'turned away' }), own })];
    const next = { ...to({ at: 'checking' }), lock: at(state.lock, environment, id) };
    return [
      move({ name: `${who} takes its turn`, next, own, events: [{ what: 'took', who: going }] }),
    ];
  }
  if (where === 'turned away') {
    // The lock may have come free between looking and parking: then it is woken at once.
    const next = to({ at: free && first() ? 'coming' : 'parked' });
    return [move({ name: `${who} parks`, next, own })];
  }
  if (where === 'checking' || where === 'woken') return [gates(state, going, scope, rules)];
  if (where === 'awaiting' && going.round?.late === false)
    return [
      move({
        name: `${who} runs out of time`,
        next: to({ at: 'woken', round: { ...going.round, late: true } }),
        own,
      }),
    ];
  if (where === 'passed')
    return [move({ name: `${who} lands`, next: to({ at: 'committed' }), own })];
  if (where === 'committed') {
    const over = ended(state, going, 'promoted', rules);
    const next =
      going.kind === 'rollback'
        ? reached(over.next, going.build, environment, { ...scope, auto: false }, rules)
        : reached(over.next, going.build, environment, scope, rules);
    return [{ ...over, next }];
  }
  return going.ending === undefined ? [] : [ended(state, going, going.ending, rules)];
}

function gates(state: State, going: Going, scope: Scope, rules: Rules): Move {
  const decision = decisionOn(state, going, scope, rules);
  const name = `${called(going)} checks its gates`;
  const { round, ...rest } = going;
  if (decision.verdict === 'proceed') {
    const next = changed(state, { ...rest, at: 'passed' });
    return move({ name, next, own: true, events: [{ what: 'passed', who: going }] });
  }
  if (decision.verdict === 'end') {
    const next = changed(state, { ...rest, at: 'ending', ending: decision.state });
    return move({ name, next, own: true });
  }
  const shown = shownIn(state, going.environment);
  const stands = round !== undefined && round.shown === shown;
  const asked = { ...rest, round: stands ? round : { shown, votes: {}, late: false } };
  return move({
    name,
    next: changed(state, { ...asked, at: 'awaiting' }),
    own: true,
    events: [{ what: 'asked', who: going, whom: decision.whom }],
  });
}

/** Each approver's answers, as `cast-vote` takes them. */
function votes(state: State, going: Going, scope: Scope, rules: Rules): Move[] {
  const { round, at: where } = going;
  if (round === undefined || (where !== 'awaiting' && where !== 'woken')) return [];
  return (['ana', 'li'] as const).flatMap((person) => {
    if (round.votes[person] !== undefined || !mayAnswer(going, person, scope, rules)) return [];
    const moved = round.shown !== shownIn(state, going.environment);
    if (!moved && decisionOn(state, going, scope, rules).verdict !== 'ask') return [];
    return (['approve', 'reject'] as const).map((answer) => {
      const given = { ...round, votes: { ...round.votes, [person]: answer } };
      const next = changed(state, { ...going, at: 'woken', round: moved ? round : given });
      return move({ name: `${person}: ${answer} ${called(going)}`, next });
    });
  });
}

/** An execution fails where it is; its ending is recorded all the same. */
function death(state: State, going: Going, rules: Rules): Move {
  const { name: _, next, events } = ended(state, going, 'failed', rules);
  return move({
    name: `${called(going)} fails`,
    next: { ...next, deaths: state.deaths + 1 },
    events,
  });
}

/** Final state and lock in one: whoever holds it hands it on, whoever only waits leaves the line. */
function ended(state: State, going: Going, as: FinalState, rules: Rules): Move {
  const { id, environment } = going;
  const holder = state.lock[environment];
  const heir = rules.nextInLine(id, holder, lineOf(state, environment, rules))?.going;
  const rest = state.going
    .filter((one) => one !== going)
    .map((one) => (one === heir ? { ...one, at: 'checking' as const } : one));
  const lock = holder === id || heir ? at(state.lock, environment, heir?.id) : state.lock;
  return move({
    name: `${called(going)} ends: ${as}`,
    next: { ...state, going: rest, lock, over: sorted([...state.over, id]) },
    own: true,
    events: [
      { what: 'ended', who: going, as },
      ...(heir ? [{ what: 'took' as const, who: heir }] : []),
    ],
  });
}

/** `9 into qa`, `ana's 8 into prod`. */
const called = ({ build, by, environment, kind }: Going) =>
  `${by === 'conveyor' ? '' : `${by}'s `}${kind === 'rollback' ? 'rollback to ' : ''}${RELEASES[build].version} into ${NAMES[environment]}`;

const changed = (state: State, going: Going): State => ({
  ...state,
  going: state.going.map((one) => (one.id === going.id ? going : one)),
});
const sorted = (ids: readonly string[]) => [...ids].sort();
