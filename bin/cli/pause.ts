import type { Context } from './context.ts';

/** Waits so long, or until Ctrl-C. Leaves no listener behind: who follows for hours pauses thousands of times. */
export async function pause(
  { clock, host: { interrupted } }: Pick<Context, 'clock' | 'host'>,
  milliseconds: number,
): Promise<void> {
  if (interrupted.aborted) return;
  let stop = () => {};
  const aborted = new Promise<void>((done) => {
    stop = done;
    interrupted.addEventListener('abort', stop, { once: true });
  });
  try {
    await Promise.race([clock.sleep(milliseconds), aborted]);
  } finally {
    interrupted.removeEventListener('abort', stop);
  }
}
