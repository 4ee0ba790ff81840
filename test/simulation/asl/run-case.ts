import { Loop } from '../loop.ts';
import { seeded } from '../random.ts';
import { parseDefinition } from './definition.ts';
import { Execution, type Status } from './interpreter.ts';
import type { Call } from './platform.ts';
import { Tokens } from './tokens.ts';

export interface CaseRun {
  readonly status: Status;
  readonly output?: unknown;
  readonly error?: string | undefined;
  readonly cause?: string | undefined;
  /** States entered, in order. */
  readonly states: readonly string[];
  /** Types of the history's events. */
  readonly events: readonly string[];
  /** Of virtual time. */
  readonly milliseconds: number;
}

export interface CaseOptions {
  readonly invoke: (functionName: string, payload: unknown, call: Call) => Promise<unknown>;
  /** Called with each token that a function was given. */
  readonly onExecution?: (execution: Execution, tokens: Tokens, loop: Loop) => void;
  readonly readItems?: (bucket: string, key: string) => unknown;
  /** Of the execution. */
  readonly name?: string;
  /** @default a year */
  readonly maxVirtualSeconds?: number;
}

const START = Date.parse('2026-03-01T12:00:00.000Z');

/** One execution alone, to its end or until nothing happens any more. */
export async function runCase(
  definition: unknown,
  input: unknown,
  { invoke, onExecution, readItems, name = 'case', maxVirtualSeconds = 366 * 86_400 }: CaseOptions,
): Promise<CaseRun> {
  const loop = new Loop(START, () => 0);
  const tokens = new Tokens();
  const platform = { loop, tokens, random: seeded(1), invoke, ...(readItems && { readItems }) };
  const machine = { name: 'case', definition: parseDefinition(definition) };
  const execution = new Execution(platform, machine, name, input);
  let over = START;
  loop.spawn(async () => {
    await execution.ended;
    over = loop.now();
  });
  onExecution?.(execution, tokens, loop);
  await loop.run(START + maxVirtualSeconds * 1_000);
  const { status, output, error, cause, states, events } = execution;
  const milliseconds = (execution.isOver ? over : loop.now()) - START;
  return { status, output, error, cause, states, events, milliseconds };
}
