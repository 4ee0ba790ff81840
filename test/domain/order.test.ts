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
function isAnOrder<T>(compare: Compare<T>, items: fc.Arbitrary<T>): void {
  fc.assert(
    fc.property(items, items, (a, b) => {
      expect(Math.sign(compare(a, b)) + Math.sign(compare(b, a))).toBe(0);
      expect(compare(a, { ...a })).toBe(0);
    }),
    { numRuns: 2_000 },
  );
  fc.assert(
    fc.property(items, items, items, (a, b, c) => {
      if (compare(a, b) <= 0 && compare(b, c) <= 0) expect(compare(a, c)).toBeLessThanOrEqual(0);
    }),
    { numRuns: 5_000 },
  );
}

describe('build order', () => {
  it('is an order, among numbers and names alike', () => {
    isAnOrder(compareReleases, anyRelease);
  });

  // By their pushes alone 10, abc, 9 went round in a circle, and what was newest hung on who looked first.
  it('has no circle of two numbers and a name between their pushes', () => {
    const at = (version: string, second: number) => ({
      version,
      pushedAt: `2026-03-01T12:00:0${second}.000Z`,
    });
    const three = [at('10', 1), at('abc', 2), at('9', 3)];

    for (const some of [three, three.toReversed()])
      expect(some.toSorted(compareReleases).map(({ version }) => version)).toEqual([
        '9',
        '10',
        'abc',
      ]);
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
      'a number is older than a name, whichever was pushed first',
      { version: '42', pushedAt: '2026-03-02T00:00:00.000Z' },
      { version: 'abc', pushedAt: '2026-03-01T00:00:00.000Z' },
    ],
    [
      'the same number goes by its push',
      { version: '42', pushedAt: '2026-03-01T00:00:00.000Z' },
      { version: '042', pushedAt: '2026-03-02T00:00:00.000Z' },
    ],
    [
      'names of one moment go by the alphabet',
      { version: 'abc', pushedAt: '2026-03-01T00:00:00.000Z' },
      { version: 'abd', pushedAt: '2026-03-01T00:00:00.000Z' },
    ],
    [
      'what only begins or ends in digits is a name',
      { version: '9a', pushedAt: '2026-03-01T00:00:00.000Z' },
      { version: 'a9', pushedAt: '2026-03-02T00:00:00.000Z' },
    ],
    [
      'a number of 18 digits is a number',
      { version: '9'.repeat(18), pushedAt: '2026-03-02T00:00:00.000Z' },
      { version: '9'.repeat(19), pushedAt: '2026-03-01T00:00:00.000Z' },
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
    isAnOrder(compareWaiters, waiterOf(anyRelease));
  });

  it('has rollbacks first, then what people asked for, then what goes by itself', () => {
    fc.assert(
      fc.property(fc.array(waiterOf(anyRelease), { maxLength: 8 }), (waiters) => {
        const rank = waiters
          .toSorted(compareWaiters)
          .map(({ kind, automatic }) => (kind === 'rollback' ? 0 : automatic ? 2 : 1));

        expect(rank).toEqual(rank.toSorted());
      }),
    );
  });

  const asked = (version: string, since: string, promotion: string) => ({
    version,
    pushedAt: '2026-03-01T00:00:00.000Z',
    promotion,
    kind: 'promotion' as const,
    automatic: false,
    since,
  });
  const byItself = (version: string, since: string, promotion: string) => ({
    ...asked(version, since, promotion),
    automatic: true,
  });

  it('lets what goes by itself go in build order, whenever its event came', () => {
    const first = byItself('9', '2026-03-01T12:00:01.000Z', 'p_2');
    const second = byItself('10', '2026-03-01T12:00:00.000Z', 'p_1');

    expect([second, first].toSorted(compareWaiters)).toEqual([first, second]);
  });

  it.each([asked, byItself])('knows the same release asked for twice apart', (how) => {
    const first = how('9', '2026-03-01T12:00:00.000Z', 'p_1');
    const second = how('9', '2026-03-01T12:00:00.000Z', 'p_2');

    expect([second, first].toSorted(compareWaiters)).toEqual([first, second]);
    expect(compareWaiters(first, first)).toBe(0);
  });

  it('serves people in the order they asked, whatever they asked for', () => {
    const first = asked('42', '2026-03-01T12:00:00.000Z', 'p_2');
    const second = asked('41', '2026-03-01T12:00:01.000Z', 'p_1');

    expect([second, first].toSorted(compareWaiters)).toEqual([first, second]);
  });
});
