import type { Catcher, Retrier } from './definition.ts';
import { isFor, StatesError } from './errors.ts';
import type { Outcome, Scene } from './interpreter.ts';

/** Does what a state does, again and otherwise as its Retry and Catch say ("Handling errors in workflows"). */
export async function persist(
  scene: Scene,
  { Retry, Catch }: { readonly Retry: readonly Retrier[]; readonly Catch: readonly Catcher[] },
  once: () => Promise<Outcome>,
): Promise<Outcome> {
  const tries = new Map<Retrier, number>();
  for (;;)
    try {
      return await scene.branch.alive(once());
    } catch (error) {
      if (!(error instanceof StatesError)) throw error;
      const retrier = Retry.find((candidate) => isFor(candidate, error.name));
      const tried = retrier === undefined ? 0 : (tries.get(retrier) ?? 0);
      if (retrier !== undefined && tried < retrier.MaxAttempts) {
        tries.set(retrier, tried + 1);
        scene.retries += 1;
        await scene.sleep(pauseOf(retrier, tried, scene) * 1_000);
        continue;
      }
      const catcher = Catch.find((candidate) => isFor(candidate, error.name));
      if (catcher === undefined) throw error;
      const errorOutput = { Error: error.name, Cause: error.cause };
      return scene.leave(catcher, errorOutput, catcher.Next, { errorOutput });
    }
}

/** Seconds. FULL jitter: anything up to the delay ("JitterStrategy"). */
function pauseOf(retrier: Retrier, tried: number, { platform }: Scene): number {
  const { IntervalSeconds, BackoffRate, MaxDelaySeconds, JitterStrategy } = retrier;
  const delay = Math.min(IntervalSeconds * BackoffRate ** tried, MaxDelaySeconds ?? Infinity);
  return JitterStrategy === 'FULL' ? delay * platform.random.next() : delay;
}
