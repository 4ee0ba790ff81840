import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareWaiters } from '../../lambdas/domain/line-order.ts';
import { compareReleases, type Ordered } from '../../lambdas/domain/release-order.ts';

const time = fc.integer({ min: 0, max: 3 }).map((second) => `2026-03-01T12:00:0${second}.000Z`);
const numbered = fc.oneof(
  fc.constantFrom('007', '7', '8', '10', '9', `1${'0'.repeat(17)}`),
  fc.nat(20).map(String),
);
const named = fc.constantFrom('abc1', 'f00', 'hotfix-1', '9a', '9'.repeat(19));
const releasesOf = (version: fc.Arbitrary<string>) => fc.record({ version, pushedAt: time });
const anyRelease = releasesOf(fc.oneof(numbered, named));
const waiterOf = (release: fc.Arbitrary<Ordered>) =>
  fc
    .record({
      release,
      promotion: fc.constantFrom('p_1', 'p_2', 'p_3', 'p_4'),
      kind: fc.constantFrom('promotion' as const, 'rollback' as const),
      automatic: fc.boolean(),
      since: time,
    })
    .map(({ release: ordered, ...waiter }) => ({ ...waiter, ...ordered }));

type Compare<T> = (a: T, b: T) => number;

/** Any two can be told apart, one way round, and one is before another that is before a third. */
function isAnOrder<T>(
  compare: Compare<T>,
  items: fc.Arbitrary<T>,
  transitive: fc.Arbitrary<T>,
): void {
  fc.assert(
    fc.property(items, items, (a, b) => {
      expect(Math.sign(compare(a, b)) + Math.sign(compare(b, a))).toBe(0);
      expect(compare(a, { ...a })).toBe(0);
    }),
    { numRuns: 2_000 },
  );
  fc.assert(
    fc.property(transitive, transitive, transitive, (a, b, c) => {
      if (compare(a, b) <= 0 && compare(b, c) <= 0) expect(compare(a, c)).toBeLessThanOrEqual(0);
    }),
    { numRuns: 5_000 },
  );
}

describe('build order', () => {
  it('is an order among numbers', () => {
    isAnOrder(compareReleases, anyRelease, releasesOf(numbered));
  });

  it('is an order among names', () => {
    isAnOrder(compareReleases, anyRelease, releasesOf(named));
  });

  it('tells any two different releases apart', () => {
    fc.assert(
      fc.property(anyRelease, anyRelease, (a, b) => {
        if (compareReleases(a, b) === 0) expect(a).toEqual(b);
      }),
    );
  });

  it.each<[string, Ordered, Ordered]>([
    [
      'numbers count, whichever was pushed first',
      { version: '9', pushedAt: '2026-03-02T00:00:00.000Z' },
      { version: '10', pushedAt: '2026-03-01T00:00:00.000Z' },
    ],
    [
      'names go by their push',
      { version: 'f00', pushedAt: '2026-03-01T00:00:00.000Z' },
      { version: 'abc', pushedAt: '2026-03-02T00:00:00.000Z' },
    ],
    [
      'a number and a name go by their push',
      { version: '42', pushedAt: '2026-03-01T00:00:00.000Z' },
      { version: 'abc', pushedAt: '2026-03-02T00:00:00.000Z' },
    ],
    [
      'numbers of 18 digits are told apart by the last',
      { version: '999999999999999998', pushedAt: '2026-03-02T00:00:00.000Z' },
      { version: '999999999999999999', pushedAt: '2026-03-01T00:00:00.000Z' },
    ],
  ])('%s', (_, older, newer) => {
    expect(compareReleases(older, newer)).toBeLessThan(0);
    expect(compareReleases(newer, older)).toBeGreaterThan(0);
  });
});

describe('a line', () => {
  it('is ordered', () => {
    isAnOrder(compareWaiters, waiterOf(anyRelease), waiterOf(releasesOf(numbered)));
  });

  it('has rollbacks first, then what people asked for, then what goes by itself', () => {
    fc.assert(
      fc.property(fc.array(waiterOf(releasesOf(numbered)), { maxLength: 8 }), (waiters) => {
        const rank = waiters
          .toSorted(compareWaiters)
          .map(({ kind, automatic }) => (kind === 'rollback' ? 0 : automatic ? 2 : 1));

        expect(rank).toEqual(rank.toSorted());
      }),
    );
  });

  it('serves people in the order they asked, whatever they asked for', () => {
    const asked = (version: string, since: string, promotion: string) => ({
      version,
      pushedAt: '2026-03-01T00:00:00.000Z',
      promotion,
      kind: 'promotion' as const,
      automatic: false,
      since,
    });
    const first = asked('42', '2026-03-01T12:00:00.000Z', 'p_2');
    const second = asked('41', '2026-03-01T12:00:01.000Z', 'p_1');

    expect([second, first].toSorted(compareWaiters)).toEqual([first, second]);
  });
});
