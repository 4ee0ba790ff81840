import { isDeepStrictEqual } from 'node:util';
import type { Case, Outcome } from './case.ts';
import { FUNCTION, RUN } from './case.ts';

/** What was seen of a case when it ran. */
export interface Seen {
  readonly status: string;
  readonly output?: unknown;
  readonly error?: string | undefined;
  readonly cause?: string | undefined;
  readonly states: readonly string[];
  readonly seconds: number;
}

/** In what a run differs from an outcome; nothing where it is as it must be. `real`: real time, in which all takes longer. */
export function differences(
  { definition }: Case,
  wanted: Outcome,
  seen: Seen,
  time: 'virtual' | 'real',
): string[] {
  const found: string[] = [];
  const differ = (what: string, want: unknown, got: unknown) =>
    found.push(`${what}: ${short(got)} instead of ${short(want)}`);
  if (seen.status !== wanted.status) differ('status', wanted.status, describe(seen));
  if ('output' in wanted && !isDeepStrictEqual(seen.output, wanted.output))
    differ('output', wanted.output, 'output' in seen ? seen.output : describe(seen));
  if (wanted.error !== undefined && seen.error !== wanted.error)
    differ('error', wanted.error, seen.error);
  if (wanted.causeContains !== undefined && !(seen.cause ?? '').includes(wanted.causeContains))
    differ('cause', wanted.causeContains, seen.cause);
  const outer = seen.states.filter((state) => Object.hasOwn(definition.States, state));
  if (wanted.states !== undefined && !isDeepStrictEqual(outer, [...wanted.states]))
    differ('states', wanted.states, outer);
  const { from, below } = wanted.lasts ?? { from: 0 };
  if (seen.seconds < from) differ('seconds', `at least ${from}`, seen.seconds);
  if (time === 'virtual' && below !== undefined && seen.seconds >= below)
    differ('seconds', `less than ${below}`, seen.seconds);
  return found;
}

/** A case's definition and input for one run. */
export function filledIn({ definition, input = {} }: Case, name: string, run: string) {
  const fill = (value: unknown): unknown =>
    JSON.parse(JSON.stringify(value).replaceAll(FUNCTION, name).replaceAll(RUN, run));
  return { definition: fill(definition), input: fill(input) };
}

const describe = ({ status, error, cause }: Seen) =>
  [status, error, cause].filter((part) => part !== undefined).join(' ');
const short = (value: unknown) => (JSON.stringify(value) ?? 'nothing').slice(0, 300);
