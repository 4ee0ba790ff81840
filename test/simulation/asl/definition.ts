import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { problemsOf } from './check.ts';

/** A number, or `{% … %}` that comes to one. */
const Expression = z.string().regex(/^\{%[\s\S]*%\}$/);
const Count = z.union([z.number().nonnegative(), Expression]);
const Template = z.unknown();
const Assign = z.record(z.string().regex(/^[A-Za-z_]\w{0,79}$/), Template);

const Retrier = z.strictObject({
  ErrorEquals: z.array(z.string()).min(1),
  IntervalSeconds: z.int().positive().default(1),
  BackoffRate: z.number().min(1).default(2),
  MaxAttempts: z.int().nonnegative().default(3),
  MaxDelaySeconds: z.int().positive().optional(),
  JitterStrategy: z.enum(['FULL', 'NONE']).default('NONE'),
  Comment: z.string().optional(),
});
export type Retrier = z.output<typeof Retrier>;

const Catcher = z.strictObject({
  ErrorEquals: z.array(z.string()).min(1),
  Next: z.string(),
  Assign: Assign.optional(),
  Output: Template.optional(),
  Comment: z.string().optional(),
});
export type Catcher = z.output<typeof Catcher>;

const common = {
  Comment: z.string().optional(),
  QueryLanguage: z.literal('JSONata').optional(),
  Assign: Assign.optional(),
  Output: Template.optional(),
};
const onward = { Next: z.string().optional(), End: z.literal(true).optional() };
const mishaps = { Retry: z.array(Retrier).default([]), Catch: z.array(Catcher).default([]) };

const Task = z.strictObject({
  ...common,
  ...onward,
  ...mishaps,
  Type: z.literal('Task'),
  Resource: z.enum([
    'arn:aws:states:::lambda:invoke',
    'arn:aws:states:::lambda:invoke.waitForTaskToken',
  ]),
  Arguments: z.strictObject({ FunctionName: z.string(), Payload: Template.optional() }),
  TimeoutSeconds: Count.optional(),
  HeartbeatSeconds: Count.optional(),
});
export type Task = z.output<typeof Task>;

const Wait = z.strictObject({
  ...common,
  ...onward,
  Type: z.literal('Wait'),
  Seconds: Count.optional(),
  Timestamp: z.string().optional(),
});
export type Wait = z.output<typeof Wait>;

const Rule = z.strictObject({
  Condition: z.union([z.boolean(), Expression]),
  Next: z.string(),
  Assign: Assign.optional(),
  Output: Template.optional(),
  Comment: z.string().optional(),
});
const Choice = z.strictObject({
  ...common,
  Type: z.literal('Choice'),
  Choices: z.array(Rule).min(1),
  Default: z.string().optional(),
});
export type Choice = z.output<typeof Choice>;

/** Nothing that is not named here is understood; a definition that says more is refused when it is read. */
const ItemReader = z.strictObject({
  Resource: z.literal('arn:aws:states:::s3:getObject'),
  ReaderConfig: z.strictObject({ InputType: z.literal('JSON'), MaxItems: z.int().optional() }),
  Arguments: z.strictObject({ Bucket: z.string(), Key: z.string() }),
});

const Processor = z.strictObject({
  ProcessorConfig: z
    .strictObject({
      Mode: z.enum(['INLINE', 'DISTRIBUTED']).default('INLINE'),
      ExecutionType: z.enum(['STANDARD', 'EXPRESS']).optional(),
    })
    .default({ Mode: 'INLINE' }),
  Comment: z.string().optional(),
  StartAt: z.string(),
  States: z.record(
    z.string(),
    z.lazy((): z.ZodType<State> => State),
  ),
});
const MapState = z.strictObject({
  ...common,
  ...onward,
  ...mishaps,
  Type: z.literal('Map'),
  Label: z.string().max(40).optional(),
  Items: z.union([z.array(Template), Expression]).optional(),
  ItemReader: ItemReader.optional(),
  ItemSelector: Template.optional(),
  ItemBatcher: z
    .strictObject({ MaxItemsPerBatch: Count, BatchInput: Template.optional() })
    .optional(),
  MaxConcurrency: Count.optional(),
  ToleratedFailurePercentage: Count.optional(),
  ToleratedFailureCount: Count.optional(),
  ItemProcessor: Processor,
});
const Parallel = z.strictObject({
  ...common,
  ...onward,
  ...mishaps,
  Type: z.literal('Parallel'),
  Arguments: Template.optional(),
  Branches: z.array(Processor.omit({ ProcessorConfig: true })).min(1),
});
const Pass = z.strictObject({ ...common, ...onward, Type: z.literal('Pass') });
const { Comment, QueryLanguage, Output } = common;
const Succeed = z.strictObject({ Comment, QueryLanguage, Output, Type: z.literal('Succeed') });
const Fail = z.strictObject({
  Comment,
  QueryLanguage,
  Type: z.literal('Fail'),
  Error: z.string().optional(),
  Cause: z.string().optional(),
});

export interface States {
  readonly StartAt: string;
  readonly States: Readonly<Record<string, State>>;
}
/** Spelt out, as a type that comes back to itself cannot be inferred. */
export interface MapState extends Mishaps {
  readonly Type: 'Map';
  readonly Label?: string | undefined;
  readonly Items?: unknown;
  readonly ItemReader?: z.output<typeof ItemReader> | undefined;
  readonly ItemSelector?: unknown;
  readonly ItemBatcher?: { readonly MaxItemsPerBatch: unknown; readonly BatchInput?: unknown };
  readonly MaxConcurrency?: unknown;
  readonly ToleratedFailurePercentage?: unknown;
  readonly ToleratedFailureCount?: unknown;
  readonly ItemProcessor: States & {
    readonly ProcessorConfig: { readonly Mode: 'INLINE' | 'DISTRIBUTED' };
  };
}
export interface Parallel extends Mishaps {
  readonly Type: 'Parallel';
  readonly Arguments?: unknown;
  readonly Branches: readonly States[];
}
interface Mishaps {
  readonly Retry: readonly Retrier[];
  readonly Catch: readonly Catcher[];
  readonly Assign?: Record<string, unknown> | undefined;
  readonly Output?: unknown;
  readonly Next?: string | undefined;
  readonly End?: true | undefined;
}
export type Pass = z.output<typeof Pass>;
export type Succeed = z.output<typeof Succeed>;
export type Fail = z.output<typeof Fail>;
export type State = Task | Wait | Choice | Pass | Succeed | Fail | MapState | Parallel;

const State = z.discriminatedUnion('Type', [
  Task,
  Wait,
  Choice,
  Pass,
  Succeed,
  Fail,
  MapState,
  Parallel,
]) as unknown as z.ZodType<State>;

const Definition = z.strictObject({
  Comment: z.string().optional(),
  QueryLanguage: z.literal('JSONata'),
  Version: z.literal('1.0').optional(),
  TimeoutSeconds: z.int().positive().optional(),
  StartAt: z.string(),
  States: z.record(z.string(), State),
});
export type Definition = States & { readonly TimeoutSeconds?: number | undefined };

/**
 * A definition that the interpreter understands to the last field, and that CreateStateMachine would take.
 * @throws Error naming what is not so
 */
export function parseDefinition(json: unknown): Definition {
  const definition = Definition.parse(json);
  const problems = problemsOf(definition);
  if (problems.length > 0) throw new Error(`InvalidDefinition: ${problems.join('; ')}`);
  return definition;
}

/** One of `statemachines/`, from the repository's root. */
export function readDefinition(name: string): Definition {
  return parseDefinition(JSON.parse(readFileSync(`statemachines/${name}.asl.json`, 'utf8')));
}
