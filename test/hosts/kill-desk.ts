import { spawnSync } from 'node:child_process';
import { effort } from '../effort.ts';

/**
 * A script that can be killed in front of any of its lines. With KILL_AT=<n> it kills itself with -9 at its n-th point,
 * with POINTS=<file> it writes down which points it passes. What the script does is the same.
 */
export interface KillableScript {
  readonly text: string;
  /** Line numbers of the script, one for each point. */
  readonly points: readonly number[];
}

const PRELUDE = `at_point() {
  if [ -n "\${POINTS-}" ]; then echo "$1" >>"$POINTS"; fi
  if [ "\${KILL_AT-}" = "$1" ]; then kill -9 $$; fi
}
`;

/** What reads the status of the command before, or hands it on: anything in between would change it. */
const READS_STATUS = /^\s*(\w+=\$\?|[})]|(fi|done|esac|else|elif)\b|;;)/;
/** The next line is of the same command. */
const GOES_ON = /(\\|\||&&)$/;

/**
 * A line begins a statement if the script is whole with a command in front of it, and is not with a stray parenthesis:
 * within a text, a program of awk or a document for stdin both would be whole.
 */
export function makeKillable(script: string): KillableScript {
  const lines = script.split('\n');
  const isWhole = (at: number, inserted: string) =>
    spawnSync('dash', ['-n'], {
      input: [...lines.slice(0, at), inserted, ...lines.slice(at)].join('\n'),
    }).status === 0;
  const points = lines.flatMap((line, at) => {
    const isNone =
      /^\s*(#|$)/.test(line) || READS_STATUS.test(line) || GOES_ON.test(lines[at - 1] ?? '');
    return isNone || !isWhole(at, 'at_point 0') || isWhole(at, ')') ? [] : [at];
  });
  const text = lines.map((line, at) =>
    points.includes(at) ? `at_point ${at + 1}\n${line}` : line,
  );
  return { text: PRELUDE + text.join('\n'), points: points.map((at) => at + 1) };
}

/** Prints the points in FILE, which a run wrote with POINTS, in the order in which they were first passed. */
export const printPoints = (file: string) => `awk '!seen[$0]++' ${file}`;

/**
 * In `npm test` some of those that are passed once the script has its lock, as nothing is changed before; in the full run all.
 * @param points in the order in which they are passed
 */
export function someOf(script: string, points: readonly number[], usually: number) {
  const wanted = effort(usually, points.length);
  if (wanted >= points.length) return points;
  const lines = script.split('\n');
  const locked = points.slice(points.findIndex((at) => lines[at - 1]?.trim() === 'take_lock') + 1);
  const every = Math.max(1, Math.floor(locked.length / wanted));
  return locked.filter((_, index) => index % every === Math.floor(every / 2));
}

/** What part of the kills has to leave something behind: of all lines most are passed before anything is changed. */
export const LEAST_CHANGED = effort(0.3, 0);

/** How many services are killed beside each other on one host. */
const LANES = 4;

/** What came of one kill. */
export interface Kill {
  /** The script came to that point: one within a wait is passed on slow machines only. */
  readonly killed: boolean;
  /** It left something behind. Where it did not, the next run is one that nothing went before, and need not be looked at. */
  readonly changed: boolean;
}

/**
 * Goes through these points in several lanes beside each other, each with what `open` gave it.
 * @returns how many runs were killed, and how many left something behind
 */
export async function killInLanes<Lane>(
  points: readonly number[],
  open: (lane: number) => Promise<Lane>,
  each: (lane: Lane, point: number) => Promise<Kill>,
): Promise<{ readonly killed: number; readonly changed: number }> {
  const kills = await Promise.all(
    Array.from({ length: LANES }, async (_, at) => {
      const lane = await open(at);
      const own: Kill[] = [];
      for (const point of points.filter((_, index) => index % LANES === at))
        own.push(await each(lane, point));
      return own;
    }),
  );
  return {
    killed: kills.flat().filter(({ killed }) => killed).length,
    changed: kills.flat().filter(({ changed }) => changed).length,
  };
}
