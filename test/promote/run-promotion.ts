import { asConveyorError } from '../../lambdas/adapters/aws-failure.ts';
import type { Clock } from '../../lambdas/ports/clock.ts';
import type { Execution } from '../fakes/memory-executions.ts';
import type {
  Catcher,
  Choice,
  Definition,
  Retrier,
  Task,
  Wait,
} from '../simulation/asl/definition.ts';
import { isFor, StatesError } from '../simulation/asl/errors.ts';
import { evaluate } from '../simulation/asl/evaluate.ts';
import { seeded } from '../simulation/random.ts';
import { fileOf, handedOn } from '../simulation/world/lambda.ts';

/** Runs a function, by its file's name; gets and returns what JSON can carry. */
export type Invoke = (name: string, payload: unknown) => Promise<unknown>;

/** What the platform grants: state stays an eighth of Step Functions' 256 KiB, history far below its 25,000 events. */
const LARGEST_STATE = 32_768;
const MOST_TRANSITIONS = 400;

/**
 * One execution of a real definition, state by state, over real rooms. Nothing happens between two `step`s, so that a
 * test may interleave executions as it likes. It waits for no time but the clock's own.
 */
export class Run implements Execution {
  /** States entered, in order. */
  readonly history: string[] = [];
  outcome: 'running' | 'succeeded' | 'failed' = 'running';
  #state: string;
  #data: unknown;
  #variables: Record<string, unknown> = {};
  #attempts = new Map<Retrier, number>();
  #tokens = 0;
  #token: { readonly name: string; answered: boolean; invoked: boolean } | undefined;
  #until: number | undefined;

  constructor(
    readonly name: string,
    private readonly definition: Definition,
    private readonly invoke: Invoke,
    private readonly clock: Clock,
    input: unknown,
  ) {
    this.#state = definition.StartAt;
    this.#data = input;
    this.history.push(this.#state);
  }

  get state(): string {
    return this.#state;
  }

  /** The token of the waiting state, for tests that wake without a reason. */
  get token(): string | undefined {
    return this.#token?.name;
  }

  /** When a Wait ends. */
  get until(): number | undefined {
    return this.#until;
  }

  isOver(): boolean {
    return this.outcome !== 'running';
  }

  isReady(): boolean {
    if (this.isOver()) return false;
    if (this.#until !== undefined) return this.clock.now().getTime() >= this.#until;
    return this.#token === undefined || !this.#token.invoked || this.#token.answered;
  }

  answer(token: string): void {
    if (this.#token?.name === token) this.#token.answered = true;
  }

  /** Does one state, or one try of it. */
  async step(): Promise<void> {
    const state = this.definition.States[this.#state];
    if (state === undefined) throw new Error(`there is no state ${this.#state}`);
    switch (state.Type) {
      case 'Task':
        return this.#task(state);
      case 'Pass':
        return this.#leave(state, this.#data, {});
      case 'Wait':
        return this.#wait(state);
      case 'Choice':
        return this.#choose(state);
      case 'Succeed':
        this.outcome = 'succeeded';
        return;
      case 'Fail':
        this.outcome = 'failed';
        return;
      default:
        throw new Error(`${state.Type} is not done step by step`);
    }
  }

  async #task(task: Task): Promise<void> {
    const waits = task.Resource.endsWith('.waitForTaskToken');
    if (waits && this.#token?.answered === true) return this.#leave(task, {}, { result: {} });
    if (waits) this.#token = { name: this.#nextToken(), answered: false, invoked: false };
    const State = { EnteredTime: this.clock.now().toISOString(), RetryCount: this.#tokens };
    const context = { Task: { Token: this.#token?.name }, State };
    let result: unknown;
    try {
      const { FunctionName, Payload } = task.Arguments;
      result = await this.#invoke(FunctionName, await this.#evaluate(Payload, { context }));
    } catch (error) {
      this.#token = undefined;
      return this.#fail(task, error);
    }
    if (this.#token === undefined) return this.#leave(task, result, { result });
    this.#token.invoked = true;
  }

  /** As Lambda does: JSON in, JSON out, and of an error its name and message. */
  async #invoke(functionName: string, payload: unknown): Promise<unknown> {
    try {
      const answer = (await this.invoke(fileOf(functionName), payload)) ?? null;
      return { Payload: JSON.parse(JSON.stringify(answer)), StatusCode: 200 };
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      const { name, message } = asConveyorError(error);
      throw handedOn(name, message);
    }
  }

  async #fail(task: Task, error: unknown): Promise<void> {
    if (!(error instanceof StatesError)) throw error;
    const retrier = task.Retry.find((candidate) => isFor(candidate, error.name));
    const tried = retrier === undefined ? 0 : (this.#attempts.get(retrier) ?? 0);
    if (retrier !== undefined && tried < retrier.MaxAttempts) {
      this.#attempts.set(retrier, tried + 1);
      return;
    }
    const catcher: Catcher | undefined = task.Catch.find((candidate) =>
      isFor(candidate, error.name),
    );
    if (catcher === undefined) {
      this.outcome = 'failed';
      return;
    }
    const errorOutput = { Error: error.name, Cause: error.cause };
    await this.#leave(catcher, errorOutput, { errorOutput });
  }

  async #wait(state: Wait): Promise<void> {
    if (this.#until === undefined) {
      const seconds = Number(await this.#evaluate(state.Seconds, {}));
      this.#until = this.clock.now().getTime() + seconds * 1_000;
      return;
    }
    this.#until = undefined;
    await this.#leave(state, this.#data, {});
  }

  async #choose(state: Choice): Promise<void> {
    for (const { Condition, Next } of state.Choices)
      if ((await this.#evaluate(Condition, {})) === true) return this.#enter(Next);
    this.#enter(state.Default);
  }

  /** Output and Assign both see the variables as they were (Amazon States Language, "Assign"). */
  async #leave(
    state: { Assign?: object | undefined; Output?: unknown; Next?: string | undefined },
    fallback: unknown,
    states: object,
  ): Promise<void> {
    const output = 'Output' in state ? await this.#evaluate(state.Output, states) : fallback;
    const assigned = (await this.#evaluate(state.Assign ?? {}, states)) as object;
    this.#data = output;
    this.#variables = { ...this.#variables, ...assigned };
    this.#enter(state.Next);
  }

  #enter(next: string | undefined): void {
    if (next === undefined) throw new Error(`${this.#state} leads nowhere`);
    this.#state = next;
    this.#token = undefined;
    this.#attempts = new Map();
    this.history.push(next);
    const size = JSON.stringify([this.#data, this.#variables]).length;
    if (size > LARGEST_STATE) throw new Error(`${size} bytes of state at ${next}`);
    if (this.history.length > MOST_TRANSITIONS)
      throw new Error(`${this.name} goes round and round`);
  }

  #evaluate(value: unknown, states: object): Promise<unknown> {
    const bound = { input: this.#data, context: {}, ...states };
    const around = { random: seeded(1), now: this.clock.now().getTime() };
    return evaluate(value, { ...this.#variables, states: bound }, around);
  }

  #nextToken(): string {
    this.#tokens += 1;
    return `task-token-of-${this.name}-${this.#tokens}`;
  }
}
