/** Events of GetExecutionHistory, as far as a replay needs them. */
export interface HistoryEvent {
  readonly id?: number | undefined;
  readonly previousEventId?: number | undefined;
  readonly type?: string | undefined;
  readonly executionStartedEventDetails?: { readonly input?: string | undefined } | undefined;
  readonly stateEnteredEventDetails?: { readonly name?: string | undefined } | undefined;
  readonly taskScheduledEventDetails?: Scheduled | undefined;
  readonly taskSucceededEventDetails?: { readonly output?: string | undefined } | undefined;
  readonly taskFailedEventDetails?: Failure | undefined;
  readonly taskTimedOutEventDetails?: Failure | undefined;
  readonly executionSucceededEventDetails?: { readonly output?: string | undefined } | undefined;
  readonly executionFailedEventDetails?: Failure | undefined;
  readonly executionAbortedEventDetails?: Failure | undefined;
}
interface Scheduled {
  readonly resource?: string | undefined;
  readonly parameters?: string | undefined;
}
interface Failure {
  readonly error?: string | undefined;
  readonly cause?: string | undefined;
}

/** One call of a function, and what came of it. */
export interface RecordedCall {
  /** By its file's name. */
  readonly function: string;
  readonly payload: unknown;
  readonly waits: boolean;
  /** Nothing yet, where the history is of an open execution. */
  readonly outcome:
    | { readonly output: unknown }
    | { readonly error: string; readonly cause: string }
    | undefined;
}

export interface Recorded {
  readonly input: unknown;
  /** Outer states in the order in which they were entered. */
  readonly states: readonly string[];
  readonly calls: readonly RecordedCall[];
  /** RUNNING: open when it was recorded. */
  readonly status: 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'ABORTED';
  readonly output: unknown;
  readonly error: string | undefined;
}

/** Stands for a task token: no history in the repository has a real one. */
export const TOKEN = '<task token>';

export function readHistory(events: readonly HistoryEvent[]): Recorded {
  const before = new Map(events.map(({ id, previousEventId }) => [id, previousEventId]));
  const outcomes = new Map<number | undefined, RecordedCall['outcome']>();
  const scheduled = events.filter(({ taskScheduledEventDetails: details }) => details);
  const isCall = new Set(scheduled.map(({ id }) => id));
  for (const event of events) {
    const outcome = outcomeOf(event);
    let at = event.previousEventId;
    while (outcome !== undefined && at && !isCall.has(at)) at = before.get(at);
    if (outcome !== undefined && at) outcomes.set(at, outcome);
  }
  const last = events.find(({ type = '' }) => /^Execution(Succeeded|Failed|Aborted)$/.test(type));
  return {
    input: parsed(events[0]?.executionStartedEventDetails?.input),
    states: events.flatMap((event) => event.stateEnteredEventDetails?.name ?? []),
    calls: scheduled.map(({ id, taskScheduledEventDetails: details = {} }) => ({
      ...calledBy(details),
      outcome: outcomes.get(id),
    })),
    status: (last?.type?.replace('Execution', '').toUpperCase() ?? 'RUNNING') as Recorded['status'],
    output: parsed(last?.executionSucceededEventDetails?.output),
    error: last?.executionFailedEventDetails?.error,
  };
}

function outcomeOf(event: HistoryEvent): RecordedCall['outcome'] {
  if (event.taskSucceededEventDetails)
    return { output: parsed(event.taskSucceededEventDetails.output) };
  const failure = event.taskFailedEventDetails ?? event.taskTimedOutEventDetails;
  return failure && { error: failure.error ?? '', cause: failure.cause ?? '' };
}

/** @throws Error where the history does not say with what a task was called */
function calledBy({ resource = '', parameters }: Scheduled) {
  if (parameters === undefined)
    throw new Error('the history does not have what tasks were called with');
  const { FunctionName, Payload } = JSON.parse(parameters) as {
    FunctionName: string;
    Payload: unknown;
  };
  return {
    function: nameOf(FunctionName),
    payload: withoutToken(Payload),
    waits: resource.includes('waitForTaskToken') || hasToken(Payload),
  };
}

/** `arn:…:function:conveyor-take-turn:7` → `take-turn`. */
const nameOf = (arn: string) =>
  /(?:^|:function:)(?:conveyor-)?([\w-]+)(?::[\w$]+)?$/.exec(arn)?.[1] ?? arn;

const hasToken = (payload: unknown) =>
  typeof payload === 'object' && payload !== null && 'token' in payload;

export function withoutToken(payload: unknown): unknown {
  return hasToken(payload) ? { ...(payload as object), token: TOKEN } : payload;
}

const parsed = (text: string | undefined): unknown =>
  text === undefined ? undefined : JSON.parse(text);
