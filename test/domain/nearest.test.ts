import { describe, expect, it } from 'vitest';
import { nearest } from '../../lambdas/domain/nearest.ts';

describe('the name that was probably meant', () => {
  it.each<[string, string, string[], string | undefined]>([
    ['is the same in other case', 'PROD', ['qa', 'prod'], 'prod'],
    ['keeps its own case', 'prod', ['Prod'], 'Prod'],
    ['has one letter too many', 'prodd', ['prod'], 'prod'],
    ['has one letter too few', 'pro', ['prod'], 'prod'],
    ['has one letter wrong', 'prad', ['prod'], 'prod'],
    ['has its first letter wrong', 'brod', ['prod'], 'prod'],
    ['has two neighbours swapped, which is one slip', 'rpod', ['prod'], 'prod'],
    ['has its last two swapped', 'prdo', ['prod'], 'prod'],
    ['has two swapped in a short name', 'aq', ['qa'], 'qa'],
    ['is not one swapped and wrong besides', 'rpox', ['prod'], undefined],
    ['is not one with two letters apart swapped', 'pdor', ['prod'], undefined],
    ['is not one where only the first of two swapped', 'ro', ['pr'], undefined],
    ['is not one where only the second did', 'pr', ['ro'], undefined],
    ['is not another word', 'test', ['prod', 'qa'], undefined],
    ['may be two slips away in six letters', 'paymen', ['payments'], 'payments'],
    ['is not three slips away in eight', 'paymentz', ['paym'], undefined],
    ['is not three slips away in six', 'ledger', ['led'], undefined],
    ['may be three slips away in nine', 'ledgerxyz', ['ledger'], 'ledger'],
    ['is the nearest of several', 'payments2', ['payment', 'payments', 'paymentz'], 'payments'],
    ['is the first of those equally near', 'prot', ['prod', 'prof'], 'prod'],
    ['is itself, whatever is near', 'prof', ['prod', 'prof'], 'prof'],
    ['is one even where the name is a single letter', 'x', ['y'], 'y'],
    ['is none where there are none', 'prod', [], undefined],
    ['is none for a single letter against two others', 'x', ['yz'], undefined],
    ['may be one for nothing at all', '', ['a'], 'a'],
    ['is not two letters for nothing at all', '', ['ab'], undefined],
  ])('%s', (_, name, known, meant) => {
    expect(nearest(name, known)).toBe(meant);
  });

  it('looks at the first 64 characters, and allows no more slips than those have', () => {
    const long = 'x'.repeat(64);

    const other = long + 'def'.repeat(30);
    expect(nearest(long + 'abc'.repeat(30), [other])).toBe(other);
    expect(nearest(long, [other])).toBe(other);
    expect(nearest(other, [long])).toBe(long);
    expect(nearest('a'.repeat(300), [`${'a'.repeat(43)}${'b'.repeat(21)}`])).toBeDefined();
    expect(nearest('a'.repeat(300), [`${'a'.repeat(42)}${'b'.repeat(22)}`])).toBeUndefined();
  });
});
