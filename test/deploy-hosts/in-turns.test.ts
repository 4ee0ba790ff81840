import { describe, expect, it } from 'vitest';
import { inTurns } from '../../lambdas/deploy-hosts/in-turns.ts';

describe('many in turns', () => {
  it('are done so many at a time, and answered in their order', async () => {
    let now = 0;
    let most = 0;
    const done = await inTurns([1, 2, 3, 4, 5, 6, 7], 3, async (n) => {
      now += 1;
      most = Math.max(most, now);
      for (let ticks = 0; ticks < n; ticks++) await Promise.resolve();
      now -= 1;
      return n * n;
    });

    expect(done).toEqual([1, 4, 9, 16, 25, 36, 49]);
    expect(most).toBe(3);
  });

  it('have all ended when one has failed, and its error is told', async () => {
    const ended: number[] = [];
    const all = inTurns([1, 2, 3, 4], 2, async (n) => {
      if (n === 1) throw new Error('one failed');
      for (let ticks = 0; ticks < 5; ticks++) await Promise.resolve();
      ended.push(n);
    });

    await expect(all).rejects.toThrow('one failed');
    expect(ended).toEqual([2, 3, 4]);
  });
});
