import { LAWS, type LawName } from './laws.ts';
import { moves } from './machine.ts';
import { REAL, type Rules, type Scope } from './rules.ts';
import { nameOf, START, type State } from './state.ts';

/** The shortest way to where a law does not hold. */
export interface Story {
  readonly broken: LawName | 'always comes to an end';
  readonly steps: readonly string[];
}

export interface Found {
  readonly states: number;
  readonly moves: number;
  /** Absent: every law holds everywhere. */
  readonly story?: Story;
}

interface Reached {
  readonly state: State;
  readonly from: number;
  readonly by: string;
}

/** Every state that can be reached, the nearest first, each law held against each step on the way. */
export function search(scope: Scope, rules: Rules = REAL): Found {
  const reached: Reached[] = [{ state: START, from: -1, by: '' }];
  const known = new Map([[nameOf(START), 0]]);
  /** For each state, those from which Conveyor itself comes here. */
  const origins: number[][] = [[]];
  const laws = Object.entries(LAWS) as [LawName, (typeof LAWS)[LawName]][];
  let count = 0;

  for (let i = 0; i < reached.length; i++) {
    const { state } = reached[i] as Reached;
    for (const move of moves(state, scope, rules)) {
      count += 1;
      const broken = laws.find(([, holds]) => !holds(state, move, scope));
      if (broken !== undefined) {
        const steps = [...wayTo(reached, i), move.name];
        return { states: reached.length, moves: count, story: { broken: broken[0], steps } };
      }
      const name = nameOf(move.next);
      let there = known.get(name);
      if (there === undefined) {
        there = reached.length;
        known.set(name, there);
        reached.push({ state: move.next, from: i, by: move.name });
        origins.push([]);
      }
      if (move.own) origins[there]?.push(i);
    }
  }
  const stuck = firstStuck(reached, origins);
  const found = { states: reached.length, moves: count };
  return stuck === undefined
    ? found
    : { ...found, story: { broken: 'always comes to an end', steps: wayTo(reached, stuck) } };
}

/** The first state from which Conveyor, left alone with the clock, cannot bring all that goes on to its end. */
function firstStuck(reached: readonly Reached[], origins: readonly number[][]): number | undefined {
  const ends = reached.map(({ state }) => state.going.length === 0);
  const open = ends.flatMap((quiet, i) => (quiet ? [i] : []));
  for (let i = open.pop(); i !== undefined; i = open.pop())
    for (const origin of origins[i] ?? [])
      if (!ends[origin]) {
        ends[origin] = true;
        open.push(origin);
      }
  const stuck = ends.indexOf(false);
  return stuck < 0 ? undefined : stuck;
}

function wayTo(reached: readonly Reached[], i: number): string[] {
  const steps: string[] = [];
  for (let at = reached[i]; at !== undefined && at.from >= 0; at = reached[at.from])
    steps.unshift(at.by);
  return steps;
}
