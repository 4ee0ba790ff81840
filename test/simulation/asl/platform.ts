import type { Loop } from '../loop.ts';
import type { Random } from '../random.ts';

/** One call of a function by a state. */
export interface Call {
  readonly execution: string;
  readonly state: string;
  /** Counts the tries of this state, from 0. */
  readonly attempt: number;
}

/** What an execution runs on. */
export interface Platform {
  readonly loop: Loop;
  readonly random: Random;
  /**
   * Does what the function named by the state does; its result is what JSON carries.
   * @throws StatesError for what the function threw, and for what happened to the call
   */
  invoke(functionName: string, payload: unknown, call: Call): Promise<unknown>;
  /** Reads what an `ItemReader` names. */
  readItems?(bucket: string, key: string): unknown;
  /** Hears of every state that is entered, by what is gone from; `undefined`: where it starts. */
  onTransition?(from: string | undefined, to: string): void;
  /** Hears of every event of a history, as it comes to be. */
  onEvent?(execution: string, event: string, state: string | undefined): void;
}
