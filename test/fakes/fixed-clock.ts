import { monotonicFactory } from 'ulid';
import type { Clock } from '../../lambdas/ports/clock.ts';

/** Time stands still until told; randomness comes from a seed; sleeping costs nothing and moves time on. */
export class FixedClock implements Clock {
  /** Every pause that was asked for, in milliseconds. */
  readonly slept: number[] = [];
  readonly #ulid: (seedTime?: number) => string;
  #milliseconds: number;
  #state: number;

  constructor(start: string | Date = '2026-01-01T00:00:00.000Z', seed = 1) {
    this.#milliseconds = new Date(start).getTime();
    this.#state = seed >>> 0;
    this.#ulid = monotonicFactory(() => this.random());
  }

  now(): Date {
    return new Date(this.#milliseconds);
  }

  ulid(): string {
    return this.#ulid(this.now().getTime());
  }

  randomBytes(length: number): Uint8Array {
    return Uint8Array.from({ length }, () => Math.floor(this.random() * 256));
  }

  /** mulberry32: small, and good enough for jitter and names. */
  random(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  async sleep(milliseconds: number): Promise<void> {
    this.slept.push(milliseconds);
    this.advance(milliseconds);
  }

  advance(milliseconds: number): void {
    this.#milliseconds += milliseconds;
  }
}
