import { describe, expect, it } from 'vitest';
import { RegistryRefused, RegistryUnavailable } from '../../lambdas/domain/errors.ts';
import { pauseAfter, retry } from '../../lambdas/domain/retry.ts';
import { FixedClock } from '../fakes/fixed-clock.ts';

function failing(times: number, error: Error): () => Promise<string> {
  let left = times;
  return async () => {
    if (left-- > 0) throw error;
    return 'done';
  };
}

describe('trying again', () => {
  it('ends with the first success', async () => {
    const clock = new FixedClock();

    expect(await retry(clock, 3, failing(2, new RegistryUnavailable('x')))).toBe('done');

    expect(clock.slept).toHaveLength(2);
  });

  it('ends with the last error', async () => {
    const error = new RegistryUnavailable('x');

    await expect(retry(new FixedClock(), 3, failing(3, error))).rejects.toBe(error);
  });

  it.each([new RegistryRefused('x'), new Error('bug')])(
    'is not for a final error',
    async (error) => {
      const clock = new FixedClock();

      await expect(retry(clock, 3, failing(1, error))).rejects.toBe(error);

      expect(clock.slept).toHaveLength(0);
    },
  );

  it('waits longer each time, up to ten seconds and half', () => {
    expect([1, 2, 3, 4].map((attempt) => pauseAfter(attempt, 0.5))).toEqual([250, 500, 1000, 2000]);
    expect(pauseAfter(50, 0.999)).toBeLessThanOrEqual(15_000);
  });
});
