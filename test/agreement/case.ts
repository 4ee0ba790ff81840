/** One question to whoever runs Amazon States Language, with the answer that AWS documents. */
export interface Case {
  readonly name: string;
  /** Where AWS says so. */
  readonly source: string;
  readonly definition: Definition;
  /** Default: `{}`. */
  readonly input?: unknown;
  /** The execution's name, where it matters. */
  readonly named?: string;
  /** StopExecution, once the execution waits for a token. */
  readonly stop?: { readonly error: string; readonly cause: string };
  readonly expect: Outcome;
}

export interface Outcome {
  /** REFUSED: the definition is not accepted, or the execution is not begun. */
  readonly status: 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'ABORTED' | 'REFUSED';
  readonly output?: unknown;
  readonly error?: string;
  readonly causeContains?: string;
  /** Names of the outer states in the order in which they were entered. */
  readonly states?: readonly string[];
  /** Seconds from start to end. A real engine is slower by its own work, so `below` holds for virtual time alone. */
  readonly lasts?: { readonly from: number; readonly below?: number };
}

export interface Subject {
  readonly subject: string;
  readonly cases: readonly Case[];
}

export type StateJson = Readonly<Record<string, unknown>>;
export interface Definition {
  readonly QueryLanguage: 'JSONata';
  readonly StartAt: string;
  readonly States: Readonly<Record<string, StateJson>>;
  readonly TimeoutSeconds?: number;
}

/** Replaced by the runner: the one scripted function, and a text that no other run has. */
export const FUNCTION = '@FUNCTION';
export const RUN = '@RUN';

export const guide = (page: string) => `Step Functions guide, “${page}”`;
export const language = (section: string) => `states-language.net, “${section}”`;
export const jsonata = (page: string) => `docs.jsonata.org, “${page}”`;

/** A machine that starts at the first of the states. */
export function machine(States: Readonly<Record<string, StateJson>>): Definition {
  return { QueryLanguage: 'JSONata', ...flow(States) };
}

/** The same without the query language, as a branch or an item processor is. */
export function flow(States: Readonly<Record<string, StateJson>>) {
  const [StartAt = ''] = Object.keys(States);
  return { StartAt, States };
}

export const passes = (rest: StateJson): StateJson => ({ Type: 'Pass', ...rest });
export const ends = (rest: StateJson = {}): StateJson => ({ Type: 'Pass', End: true, ...rest });

/** One state whose output is this. */
export const outputs = (Output: unknown): Definition => machine({ Out: ends({ Output }) });

/** Calls the scripted function (`script.ts`) and outputs what it returned. */
export function calls(Payload: unknown, rest: StateJson = {}): StateJson {
  return {
    Type: 'Task',
    Resource: 'arn:aws:states:::lambda:invoke',
    Arguments: { FunctionName: FUNCTION, Payload },
    Output: '{% $states.result.Payload %}',
    ...(rest.Next === undefined && { End: true }),
    ...rest,
  };
}

/** Waits for the scripted function to answer its token. */
export function waits(Payload: StateJson, rest: StateJson = {}): StateJson {
  return {
    ...calls({ ...Payload, token: '{% $states.context.Task.Token %}' }),
    Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken',
    Output: '{% $states.result %}',
    ...rest,
    ...(rest.Next !== undefined && { End: undefined }),
  };
}

/** A case of one expression: what it comes to, or nothing for States.QueryEvaluationError. */
export function comesTo(
  name: string,
  source: string,
  expression: string,
  output?: unknown,
  more: Pick<Case, 'input'> = {},
): Case {
  return {
    name,
    source,
    definition: outputs(`{% ${expression} %}`),
    ...more,
    expect:
      output === undefined
        ? { status: 'FAILED', error: 'States.QueryEvaluationError' }
        : { status: 'SUCCEEDED', output },
  };
}
