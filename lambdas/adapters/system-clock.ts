import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { monotonicFactory } from 'ulid';
import type { Clock } from '../ports/clock.ts';

/** The machine's own time and randomness: the only file that may ask for them. */
export class SystemClock implements Clock {
  readonly #ulid = monotonicFactory();

  now(): Date {
    return new Date();
  }

  ulid(): string {
    return this.#ulid(Date.now());
  }

  randomBytes(length: number): Uint8Array {
    return randomBytes(length);
  }

  random(): number {
    return Math.random();
  }

  async sleep(milliseconds: number): Promise<void> {
    await sleep(milliseconds);
  }
}
