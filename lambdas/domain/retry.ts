import { ConveyorError } from './errors.ts';

/** What waiting needs of `ports/clock`. */
export interface Pause {
  random(): number;
  sleep(milliseconds: number): Promise<void>;
}

const FIRST_MILLISECONDS = 250;
const LONGEST_MILLISECONDS = 10_000;

/**
 * Runs `once` until it succeeds, at most `attempts` times. Only errors that call themselves retryable are
 * tried again, after an exponential pause with jitter, or after what their `data.retryAfterMilliseconds` asks.
 */
export async function retry<T>(pause: Pause, attempts: number, once: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await once();
    } catch (error) {
      if (!(error instanceof ConveyorError) || !error.retryable || attempt >= attempts) throw error;
      await pause.sleep(pauseAfter(attempt, pause.random(), error.data.retryAfterMilliseconds));
    }
  }
}

/** 250 ms doubling up to 10 s, ± half; never shorter than what the other side asked for. */
export function pauseAfter(attempt: number, random: number, asked?: unknown): number {
  const step = Math.min(FIRST_MILLISECONDS * 2 ** (attempt - 1), LONGEST_MILLISECONDS);
  return Math.round(step * (0.5 + random)) + (typeof asked === 'number' ? asked : 0);
}
