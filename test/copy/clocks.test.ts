import { describe, expect, it } from 'vitest';
import { SystemClock } from '../../lambdas/adapters/system-clock.ts';
import type { Clock } from '../../lambdas/ports/clock.ts';
import { FixedClock } from '../fakes/fixed-clock.ts';

describe.each<[string, () => Clock]>([
  ['the real clock', () => new SystemClock()],
  ['the fake clock', () => new FixedClock()],
])('%s', (_name, make) => {
  it('makes ids that sort in the order they were made', () => {
    const clock = make();
    const ids = Array.from({ length: 1000 }, () => clock.ulid());

    expect([...ids].sort()).toEqual(ids);
    expect(new Set(ids).size).toBe(1000);
    expect(ids[0]).toMatch(/^[0-9A-HJKMNP-TV-Z]{26}$/);
  });

  it('sleeps at least as long as asked', async () => {
    const clock = make();
    const before = clock.now().getTime();

    await clock.sleep(5);

    // The system's timers and its clock may round differently by one.
    expect(clock.now().getTime() - before).toBeGreaterThanOrEqual(4);
  });

  it('gives numbers in [0, 1) and as many bytes as asked', () => {
    const clock = make();
    const numbers = Array.from({ length: 1000 }, () => clock.random());

    expect(numbers.every((number) => number >= 0 && number < 1)).toBe(true);
    expect(new Set(numbers).size).toBeGreaterThan(900);
    expect(clock.randomBytes(32)).toHaveLength(32);
  });
});

it('the fake clock repeats itself from the same seed', () => {
  const draw = (seed: number) => {
    const clock = new FixedClock('2026-01-01T00:00:00Z', seed);
    return [clock.random(), clock.ulid(), [...clock.randomBytes(4)]];
  };

  expect(draw(7)).toEqual(draw(7));
  expect(draw(7)).not.toEqual(draw(8));
});
