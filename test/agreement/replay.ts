import { readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { type Definition, parseDefinition } from '../simulation/asl/definition.ts';
import { StatesError } from '../simulation/asl/errors.ts';
import { Execution } from '../simulation/asl/interpreter.ts';
import { Tokens } from '../simulation/asl/tokens.ts';
import { Loop, never } from '../simulation/loop.ts';
import { seeded } from '../simulation/random.ts';
import {
  type HistoryEvent,
  type Recorded,
  type RecordedCall,
  readHistory,
  withoutToken,
} from './history.ts';

const START = Date.parse('2026-03-01T12:00:00.000Z');
/** Longer than any wait and any number of tries, and shorter than anybody waits for a token. */
const PATIENCE_SECONDS = 3_600;
/** What a call that never came back leaves time for: less than the shortest time limit of a task. */
const STEP_SECONDS = 5;

type Invoke = (functionName: string, payload: unknown) => Promise<unknown>;

export interface Replay {
  /** Where the machine of today would have done otherwise than the history; empty: nowhere. */
  readonly divergences: readonly string[];
  /** For an open history: what it waits for. */
  readonly waitingFor: string | undefined;
  /** Answers the token that it waits for with a success, and goes on with these functions. */
  goOn(answer: unknown, invoke: Invoke): Promise<{ status: string; states: readonly string[] }>;
}

/** One of our machines, its functions under the names of their files. */
export function ourDefinition(name: string): Definition {
  const url = new URL(`../../statemachines/${name}.asl.json`, import.meta.url);
  const text = readFileSync(url, 'utf8').replace(/\$\{(\w+)Arn\}/g, (_, placeholder: string) =>
    placeholder.replace(/[A-Z]/g, (letter, at) => (at === 0 ? '' : '-') + letter.toLowerCase()),
  );
  return parseDefinition(JSON.parse(text));
}

/**
 * Goes through a recorded execution with a definition of today: every call that it makes must be one that was made, and gets
 * what came of that; states and end must be the same. So an execution that is open during an upgrade is known to go on.
 */
export async function replay(
  definition: Definition,
  events: readonly HistoryEvent[],
): Promise<Replay> {
  const recorded = readHistory(events);
  const { calls } = recorded;
  const divergences: string[] = [];
  const made = new Set<number>();
  const ordered = outerFunctions(definition);
  const loop = new Loop(START, () => 0);
  const tokens = new Tokens();
  let waiting: { readonly function: string; readonly token: string | undefined } | undefined;
  let afterwards: Invoke | undefined;

  const invoke: Invoke = (name, payload) => {
    if (afterwards !== undefined) return afterwards(name, payload);
    const next = calls.findIndex((_, index) => !made.has(index));
    const isNext = (call: RecordedCall, index: number) =>
      !made.has(index) && call.function === name && same(call.payload, payload);
    // Items of a map come in any order, everything else as it was.
    const inOrder = ordered.has(calls[next]?.function ?? '');
    const at = inOrder
      ? calls.findIndex((c, i) => i === next && isNext(c, i))
      : calls.findIndex(isNext);
    const call = calls[at];
    if (call === undefined) {
      if (recorded.status === 'RUNNING' && (waiting !== undefined || made.size === calls.length)) {
        waiting ??= { function: name, token: undefined };
        return never();
      }
      const expected = calls[next];
      divergences.push(
        `calls ${name} with ${short(payload)}; recorded was ${expected === undefined ? 'nothing more' : `${expected.function} with ${short(expected.payload)}`}`,
      );
      return never();
    }
    made.add(at);
    const token = (payload as { token?: string }).token;
    if (call.outcome === undefined) {
      waiting = { function: name, token };
      return call.waits ? Promise.resolve({}) : never();
    }
    if ('error' in call.outcome)
      return Promise.reject(new StatesError(call.outcome.error, call.outcome.cause));
    if (!call.waits) return Promise.resolve((call.outcome.output as { Payload: unknown }).Payload);
    tokens.succeed(token ?? '', call.outcome.output);
    return Promise.resolve({});
  };

  const platform = { loop, tokens, random: seeded(1), invoke };
  const execution = new Execution(
    platform,
    { name: 'replay', definition },
    'replay',
    recorded.input,
  );
  await runOn(loop, () => execution.isOver || waiting !== undefined || divergences.length > 0);
  divergences.push(...endsOtherwise(recorded, execution, definition, made.size));
  return {
    divergences,
    waitingFor: waiting?.function,
    goOn: async (answer, next) => {
      afterwards = next;
      if (!tokens.succeed(waiting?.token ?? '', answer))
        throw new Error('nobody waits for a token');
      await runOn(loop, () => execution.isOver);
      return { status: execution.status, states: execution.states };
    },
  };
}

/** Functions that are called by states outside maps. */
function outerFunctions({ States }: Definition): ReadonlySet<string> {
  const tasks = Object.values(States).flatMap((state) => (state.Type === 'Task' ? [state] : []));
  return new Set(tasks.map(({ Arguments }) => Arguments.FunctionName));
}

/** Step by step until that is so, and one step more: whatever else was due then. */
async function runOn(loop: Loop, enough: () => boolean): Promise<void> {
  const end = loop.now() + PATIENCE_SECONDS * 1_000;
  for (let done = false; !done && loop.now() < end; ) {
    done = enough();
    await loop.run(loop.now() + STEP_SECONDS * 1_000);
  }
}

function endsOtherwise(
  recorded: Recorded,
  { status, output, error, states }: Execution,
  { States }: Definition,
  made: number,
): string[] {
  const found: string[] = [];
  const outer = states.filter((name) => Object.hasOwn(States, name));
  const open = recorded.status === 'RUNNING';
  // What was recorded while it ran may end between two states.
  if (
    !isDeepStrictEqual(open ? outer.slice(0, recorded.states.length) : outer, [...recorded.states])
  )
    found.push(`goes ${outer.join(' → ')}; recorded was ${recorded.states.join(' → ')}`);
  // Who stopped it is in no definition.
  if (!open && recorded.status !== 'ABORTED' && status !== recorded.status)
    found.push(`is ${status}; recorded was ${recorded.status}`);
  if (recorded.status === 'SUCCEEDED' && !isDeepStrictEqual(output, recorded.output))
    found.push(`ends with ${short(output)}; recorded was ${short(recorded.output)}`);
  if (recorded.status === 'FAILED' && error !== recorded.error)
    found.push(`fails with ${error}; recorded was ${recorded.error}`);
  if (made < recorded.calls.length)
    found.push(`makes ${made} calls; recorded were ${recorded.calls.length}`);
  return found;
}

/** Tokens and moments are of their run. */
const same = (recorded: unknown, payload: unknown) =>
  isDeepStrictEqual(withoutMoments(recorded), withoutMoments(withoutToken(payload)));
const withoutMoments = (payload: unknown): unknown =>
  JSON.parse(JSON.stringify(payload, (_, value) => (isMoment(value) ? '<moment>' : value)));
const isMoment = (value: unknown) =>
  typeof value === 'string' &&
  /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/.test(value);
const short = (value: unknown) => (JSON.stringify(value) ?? 'nothing').slice(0, 300);
