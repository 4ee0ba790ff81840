import { monotonicFactory } from 'ulid';
import type { Clock } from '../../../lambdas/ports/clock.ts';
import type { StatesError } from '../asl/errors.ts';
import { type Loop, never } from '../loop.ts';
import type { Random } from '../random.ts';
import { handedOn } from './lambda.ts';

/** One run of one function in a process of its own, with a clock of its own. What has died does nothing any more. */
export class Process {
  isDead = false;
  readonly startedAt: number;
  #tell: (error: StatesError) => void = () => {};
  /** No time limit any more. */
  #callOff: () => void = () => {};
  /** What its caller is told in place of a result. */
  readonly #told = new Promise<never>((_, reject) => {
    this.#tell = reject;
  });

  constructor(
    readonly id: number,
    readonly name: string,
    /** The promotion that it works for, where it was given one. */
    readonly subject: string | undefined,
    readonly loop: Loop,
    readonly clock: Clock,
  ) {
    this.startedAt = loop.now();
    this.#told.catch(() => {});
  }

  /** Does the work, unless death or the time limit comes first. */
  run(seconds: number, work: () => Promise<unknown>): Promise<unknown> {
    this.#callOff = this.loop.alarm(seconds * 1_000, () =>
      this.die('Sandbox.Timedout', `Task timed out after ${seconds}.00 seconds`),
    );
    const done = work().then(
      (result) => this.#over(() => result),
      (error: unknown) =>
        this.#over(() => {
          throw error;
        }),
    );
    return Promise.race([done, this.#told]);
  }

  die(name = 'Runtime.ExitError', why = 'the process is gone'): void {
    if (this.isDead) return;
    this.isDead = true;
    this.#callOff();
    this.#tell(handedOn(name, why));
  }

  /** Whoever called it hears that the call failed; it goes on all the same. */
  disown(): void {
    this.#tell(handedOn('Lambda.SdkClientException', 'the connection was cut'));
  }

  /** Goes on only if this lives. */
  async alive<T>(awaited: Promise<T>): Promise<T> {
    const result = await awaited;
    return this.isDead ? never() : result;
  }

  async #over<T>(end: () => T): Promise<T> {
    if (this.isDead) return never();
    this.isDead = true;
    this.#callOff();
    return end();
  }
}

/** The loop's time as one machine reads it, `skew` milliseconds off. */
export function machineClock(
  loop: Loop,
  random: Random,
  skew: number,
  sleep: (milliseconds: number) => Promise<void>,
): Clock {
  const next = monotonicFactory(() => random.next());
  const now = () => loop.now() + skew;
  return {
    now: () => new Date(now()),
    ulid: () => next(now()),
    randomBytes: (length) => Uint8Array.from({ length }, () => random.below(256)),
    random: () => random.next(),
    sleep,
  };
}
