/** Seconds. With a hundred retries, the longest way stays below the shortest retention of a queue, a day. */
const LONGEST = 600;
/** Up to a quarter longer, so that what failed together does not come back together. */
const SPREAD = 0.25;

export interface Waiting {
  /** The message's own count; 1 after the first try. */
  readonly attempts: number;
  /** Seconds that the first retry waits. */
  readonly from: number;
  /** Seconds that the other side asks for, where it does. */
  readonly wait?: number | undefined;
  /** In [0, 1). */
  readonly random: number;
}

/** Whole seconds until the next try: doubled each time, and not earlier than asked for, up to ten minutes. */
export function retryDelay({ attempts, from, wait = 0, random }: Waiting): number {
  const doubled = Math.min(from * 2 ** (attempts - 1), LONGEST);
  const asked = Math.min(wait, LONGEST);
  return Math.floor(Math.max(doubled, asked) * (1 + SPREAD * random));
}
