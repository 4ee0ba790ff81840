import { readFileSync } from 'node:fs';
import jsonata from 'jsonata';
import { z } from 'zod';

/** The part of the States Language that `promote` uses; every field that is not here fails the test that reads it. */
const Retrier = z.strictObject({
  ErrorEquals: z.array(z.string()),
  IntervalSeconds: z.number(),
  BackoffRate: z.number(),
  MaxAttempts: z.int(),
  MaxDelaySeconds: z.number(),
  JitterStrategy: z.literal('FULL'),
});
const Assign = z.record(z.string(), z.unknown());
const Catcher = z.strictObject({
  ErrorEquals: z.array(z.string()),
  Assign: Assign.optional(),
  Output: z.unknown().optional(),
  Next: z.string(),
});
const Comment = z.string().optional();
const common = { Comment, Assign: Assign.optional(), Output: z.unknown().optional() };
const State = z.discriminatedUnion('Type', [
  z.strictObject({
    ...common,
    Type: z.literal('Task'),
    Resource: z.enum([
      'arn:aws:states:::lambda:invoke',
      'arn:aws:states:::lambda:invoke.waitForTaskToken',
    ]),
    Arguments: z.strictObject({ FunctionName: z.string(), Payload: z.unknown() }),
    TimeoutSeconds: z.int(),
    Retry: z.array(Retrier).default([]),
    Catch: z.array(Catcher).default([]),
    Next: z.string(),
  }),
  z.strictObject({ ...common, Type: z.literal('Pass'), Next: z.string() }),
  z.strictObject({ ...common, Type: z.literal('Wait'), Seconds: z.unknown(), Next: z.string() }),
  z.strictObject({
    Comment,
    Type: z.literal('Choice'),
    Choices: z.array(z.strictObject({ Condition: z.string(), Next: z.string() })),
    Default: z.string(),
  }),
  z.strictObject({ Comment, Type: z.literal('Succeed') }),
  z.strictObject({ Comment, Type: z.literal('Fail'), Error: z.string(), Cause: z.string() }),
]);
export type State = z.output<typeof State>;
export type Task = Extract<State, { Type: 'Task' }>;

const Definition = z.strictObject({
  Comment,
  QueryLanguage: z.literal('JSONata'),
  StartAt: z.string(),
  States: z.record(z.string(), State),
});
export type Definition = z.output<typeof Definition>;

export function readDefinition(name: string): Definition {
  const url = new URL(`../../statemachines/${name}.asl.json`, import.meta.url);
  return Definition.parse(JSON.parse(readFileSync(url, 'utf8')));
}

/** An error as Step Functions knows it: a name to catch by, and a cause in text. */
export class StatesError extends Error {
  constructor(
    override readonly name: string,
    override readonly cause: string,
  ) {
    super(`${name}: ${cause}`);
  }
}

const compiled = new Map<string, ReturnType<typeof jsonata>>();

/** A value of a definition with every `{% … %}` in it evaluated; one that comes to nothing is an error, as on AWS. */
export async function evaluate(
  value: unknown,
  bindings: Readonly<Record<string, unknown>>,
): Promise<unknown> {
  if (Array.isArray(value)) return Promise.all(value.map((item) => evaluate(item, bindings)));
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(
      await Promise.all(
        Object.entries(value).map(async ([key, item]) => [key, await evaluate(item, bindings)]),
      ),
    );
  const source = typeof value === 'string' ? /^\{%([\s\S]*)%\}$/.exec(value)?.[1] : undefined;
  if (source === undefined) return value;
  const expression = compiled.get(source) ?? jsonata(source);
  compiled.set(source, expression);
  const result: unknown = await expression.evaluate(undefined, { ...bindings });
  if (result === undefined)
    throw new StatesError('States.QueryEvaluationError', `${source} is undefined`);
  return JSON.parse(JSON.stringify(result));
}
