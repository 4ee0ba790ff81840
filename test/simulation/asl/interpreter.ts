import { Branch } from './branch.ts';
import type { Definition, State, States } from './definition.ts';
import { StatesError } from './errors.ts';
import { evaluate } from './evaluate.ts';
import { runMap, runParallel } from './fan-out.ts';
import { bytesOf, isExecutionName, LIMITS, limited } from './limits.ts';
import type { Platform } from './platform.ts';
import { runState } from './states.ts';
import type { Tokens } from './tokens.ts';

export type Status = 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'ABORTED';

export interface Machine {
  readonly name: string;
  readonly definition: Definition;
}

/** What a state is done with: where it goes on, and what it hands on. */
export interface Outcome {
  readonly output: unknown;
  readonly assign?: Readonly<Record<string, unknown>> | undefined;
  /** Undefined: this is the last state of its branch. */
  readonly next: string | undefined;
}

/**
 * One execution of a definition in virtual time: the States Language with JSONata, as far as `definition.ts` reads it. State
 * by state, each after a turn of the loop, so that everything else may come between two of them.
 */
export class Execution {
  status: Status = 'RUNNING';
  output: unknown;
  error: string | undefined;
  cause: string | undefined;
  /** States entered, in order. */
  readonly states: string[] = [];
  /** Types of the history's events, as GetExecutionHistory names them. */
  readonly events: string[] = [];
  readonly startedAt: number;
  ended: Promise<void>;
  #callOff = () => {};
  #end: () => void = () => {};
  #root = new Branch();
  /** The state of the outermost scope, and its input: where a redrive goes on. */
  #at: { readonly state: string; readonly input: unknown };

  constructor(
    readonly platform: Platform & { readonly tokens: Tokens },
    readonly machine: Machine,
    readonly name: string,
    readonly input: unknown,
  ) {
    if (!isExecutionName(name)) throw new Error(`${name} is no name for an execution`);
    if (bytesOf(input) > LIMITS.data) throw new Error('the input of an execution is too large');
    this.startedAt = platform.loop.now();
    this.#at = { state: machine.definition.StartAt, input };
    this.ended = this.#begin('ExecutionStarted');
  }

  get isOver(): boolean {
    return this.status !== 'RUNNING';
  }

  /** StopExecution. */
  stop(error?: string, cause?: string): void {
    if (this.isOver) return;
    this.#close('ABORTED', 'ExecutionAborted', { error, cause });
  }

  /** RedriveExecution: on from the state that it failed or was stopped in, with the variables that it had there. */
  redrive(): boolean {
    if (!/^(FAILED|ABORTED|TIMED_OUT)$/.test(this.status)) return false;
    const branch = new Branch();
    branch.assign(this.#root.variables());
    this.#root = branch;
    this.status = 'RUNNING';
    this.ended = this.#begin('ExecutionRedriven');
    return true;
  }

  #begin(event: string): Promise<void> {
    this.record(event);
    this.platform.loop.spawn(() => this.#run());
    return new Promise((resolve) => {
      this.#end = resolve;
    });
  }

  /** The states of one scope, from its first to its last. */
  async runStates({ StartAt, States }: States, input: unknown, branch: Branch): Promise<unknown> {
    let at = StartAt;
    let data = input;
    this.platform.onTransition?.(undefined, at);
    for (;;) {
      const state = States[at];
      if (state === undefined) throw new Error(`${this.machine.name} has no state ${at}`);
      await branch.alive(this.platform.loop.turn());
      this.states.push(at);
      if (branch === this.#root) this.#at = { state: at, input: data };
      this.record(`${state.Type}StateEntered`, at);
      const { output, assign, next } = await branch.alive(this.#do(state, at, data, branch));
      if (assign !== undefined) branch.assign(assign);
      this.record(`${state.Type}StateExited`, at);
      if (next === undefined) return output;
      this.platform.onTransition?.(at, next);
      at = next;
      data = output;
    }
  }

  #do(state: State, name: string, input: unknown, branch: Branch): Promise<Outcome> {
    const scene = new Scene(this, name, input, branch);
    if (state.Type === 'Map') return runMap(scene, state);
    if (state.Type === 'Parallel') return runParallel(scene, state);
    return runState(scene, state);
  }

  /** @throws StatesError once the history is as long as it may be */
  record(event: string, state?: string): void {
    this.events.push(event);
    this.platform.onEvent?.(this.name, event, state);
    if (this.events.length >= LIMITS.history)
      throw new StatesError(
        'States.Runtime',
        'The execution reached the maximum number of history events (25000).',
      );
  }

  async #run(): Promise<void> {
    const seconds = this.machine.definition.TimeoutSeconds ?? LIMITS.executionSeconds;
    const { States } = this.machine.definition;
    const { state, input } = this.#at;
    try {
      const work = this.runStates({ StartAt: state, States }, input, this.#root);
      this.#callOff = this.platform.loop.alarm(seconds * 1_000, () =>
        this.#close('TIMED_OUT', 'ExecutionTimedOut', {}),
      );
      this.output = await work;
      this.#close('SUCCEEDED', 'ExecutionSucceeded', {});
    } catch (error) {
      if (!(error instanceof StatesError)) throw error;
      this.#close('FAILED', 'ExecutionFailed', { error: error.name, cause: error.cause });
    }
  }

  #close(
    status: Status,
    event: string,
    { error, cause }: { error?: string | undefined; cause?: string | undefined },
  ): void {
    if (this.isOver) return;
    this.#root.stop();
    this.#callOff();
    this.status = status;
    this.error = error;
    this.cause = cause;
    this.events.push(event);
    this.platform.onEvent?.(this.name, event, undefined);
    this.#end();
  }
}

/** One state being done: everything it may ask of its execution. */
export class Scene {
  readonly enteredAt: number;
  /** Tries of this state that failed before. */
  retries = 0;

  constructor(
    readonly execution: Execution,
    readonly name: string,
    readonly input: unknown,
    readonly branch: Branch,
  ) {
    this.enteredAt = execution.platform.loop.now();
  }

  get platform(): Execution['platform'] {
    return this.execution.platform;
  }

  sleep(milliseconds: number): Promise<void> {
    return this.branch.alive(this.platform.loop.sleep(milliseconds));
  }

  /** @param states what `$states` has beside `input` and `context`; @param context what the context object has besides */
  async evaluate(
    value: unknown,
    states: Readonly<Record<string, unknown>> = {},
    context: Readonly<Record<string, unknown>> = {},
  ): Promise<unknown> {
    const { platform, branch } = this;
    const all = () => ({ ...this.#context(), ...context });
    // Made only when an expression looks at it: few do, and it is large.
    const bound = {
      input: this.input,
      ...states,
      get context() {
        return all();
      },
    };
    const around = { random: platform.random, now: platform.loop.now() };
    return evaluate(value, { ...branch.variables(), states: bound }, around);
  }

  /** Output and Assign of a state, rule or catcher; both see the variables as they were ("Evaluation order"). */
  async leave(
    part: { Output?: unknown; Assign?: Record<string, unknown> | undefined },
    fallback: unknown,
    next: string | undefined,
    states: Readonly<Record<string, unknown>> = {},
  ): Promise<Outcome> {
    const output = 'Output' in part ? await this.evaluate(part.Output, states) : fallback;
    const assign = part.Assign && ((await this.evaluate(part.Assign, states)) as object);
    limited(assign, 'variable');
    return { output: limited(output, 'output'), assign: assign as Outcome['assign'], next };
  }

  /** "Accessing execution data from the Context object". */
  #context(): Record<string, unknown> {
    const { execution } = this;
    const { machine, name, startedAt, input } = execution;
    return {
      Execution: {
        Id: `arn:aws:states:us-east-1:111111111111:execution:${machine.name}:${name}`,
        Input: input,
        Name: name,
        RoleArn: `arn:aws:iam::111111111111:role/${machine.name}`,
        StartTime: new Date(startedAt).toISOString(),
        RedriveCount: 0,
      },
      State: {
        EnteredTime: new Date(this.enteredAt).toISOString(),
        Name: this.name,
        RetryCount: this.retries,
      },
      StateMachine: {
        Id: `arn:aws:states:us-east-1:111111111111:stateMachine:${machine.name}`,
        Name: machine.name,
      },
    };
  }
}
