import { never } from '../loop.ts';
import { StatesError } from './errors.ts';

interface Waiting {
  readonly resolve: (output: unknown) => void;
  readonly reject: (error: StatesError) => void;
  beat: () => void;
}

/** Task tokens of one platform: each is good for one answer, while its task waits ("SendTaskSuccess"). */
export class Tokens {
  readonly #waiting = new Map<string, Waiting>();
  /** Every token ever made, in order. */
  readonly all: string[] = [];

  /** A token and what its task waits for. */
  make(execution: string): { readonly token: string; readonly answer: Promise<unknown> } {
    const token = `TASK-TOKEN.${execution}.${this.all.length + 1}`;
    this.all.push(token);
    const answer = new Promise<unknown>((resolve, reject) => {
      this.#waiting.set(token, { resolve, reject, beat: () => {} });
    });
    // Where the call itself fails first, nobody hears the answer.
    answer.catch(() => {});
    return { token, answer };
  }

  /** The task is over: its token is of no more use. */
  forget(token: string): void {
    this.#waiting.delete(token);
  }

  /** False: nobody waits on this token any more (`TaskTimedOut`, `TaskDoesNotExist`). */
  succeed(token: string, output: unknown): boolean {
    return this.#end(token, ({ resolve }) => resolve(output));
  }

  fail(token: string, error: string, cause: string): boolean {
    return this.#end(token, ({ reject }) => reject(new StatesError(error, cause)));
  }

  heartbeat(token: string): boolean {
    this.#waiting.get(token)?.beat();
    return this.#waiting.has(token);
  }

  /** Rejects once no heartbeat came for so long. */
  async silence(
    token: string,
    seconds: number,
    sleep: (milliseconds: number) => Promise<void>,
  ): Promise<never> {
    for (;;) {
      const waiting = this.#waiting.get(token);
      if (waiting === undefined) return never();
      let beaten = false;
      waiting.beat = () => {
        beaten = true;
      };
      await sleep(seconds * 1_000);
      if (!this.#waiting.has(token)) return never();
      if (!beaten) throw new StatesError('States.HeartbeatTimeout', '');
    }
  }

  #end(token: string, act: (waiting: Waiting) => void): boolean {
    const waiting = this.#waiting.get(token);
    if (waiting === undefined) return false;
    this.#waiting.delete(token);
    act(waiting);
    return true;
  }
}
