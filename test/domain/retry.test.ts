import { describe, expect, it } from 'vitest';
import { RegistryUnavailable } from '../../lambdas/domain/errors.ts';
import { pauseAfter, retry } from '../../lambdas/domain/retry.ts';

describe('a pause before the next try', () => {
  it('is spread from half to one and a half of its step', () => {
    expect([0, 0.25, 0.5, 1].map((chance) => pauseAfter(1, chance))).toEqual([125, 188, 250, 375]);
  });

  it('stops growing at ten seconds', () => {
    expect([6, 7, 50].map((attempt) => pauseAfter(attempt, 0.5))).toEqual([8_000, 10_000, 10_000]);
  });

  it('comes on top of what the other side asked for, if that is a number', () => {
    expect(pauseAfter(1, 0.5, 3_000)).toBe(3_250);
    expect(pauseAfter(1, 0.5, '3000')).toBe(250);
    expect(pauseAfter(1, 0.5)).toBe(250);
  });

  it('is taken between two tries, as long as was asked for', async () => {
    const slept: number[] = [];
    const pause = {
      random: () => 0.5,
      sleep: async (milliseconds: number) => {
        slept.push(milliseconds);
      },
    };
    const busy = new RegistryUnavailable('busy', { data: { retryAfterMilliseconds: 1_000 } });
    const tries = [busy, busy, undefined];

    await retry(pause, 3, async () => {
      const error = tries.shift();
      if (error) throw error;
    });

    expect(slept).toEqual([1_250, 1_500]);
  });
});
