/**
 * The only source of time, randomness and waiting, so that everything else can be replayed from a seed.
 * Nothing outside `ports/clock` and its adapter may ask the machine for these.
 */
export interface Clock {
  now(): Date;
  /** Monotonic within one process: ids made in the same millisecond still sort in order. */
  ulid(): string;
  /** Cryptographically strong bytes. */
  randomBytes(length: number): Uint8Array;
  /** Uniform in [0, 1), for jitter. */
  random(): number;
  sleep(milliseconds: number): Promise<void>;
}
