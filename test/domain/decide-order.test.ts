import { describe, expect, it } from 'vitest';
import { type Decision, decide, type Facts, type Policy } from '../../lambdas/domain/decide.ts';
import { end, facts, NOW, open, proceed, release, waiting } from './decide-facts.ts';

/** The very release, asked for once more. */
const again = [{ ...facts.release, promotion: 'p_again', kind: 'promotion' as const }];

describe('order', () => {
  it.each<[string, Policy, Partial<Facts>, Decision]>([
    [
      'the first stage needs none before it',
      open,
      { before: 'first', beforeName: undefined as never },
      proceed('no approval needed'),
    ],
    [
      'goes on where the stage before had it',
      open,
      {},
      proceed('promoted in qa', 'no approval needed'),
    ],
    [
      'is refused where the stage before never had it',
      open,
      { before: 'never promoted' },
      end('refused', '42 was never promoted in qa'),
    ],
    [
      'a rollback is refused to what never ran',
      open,
      { before: 'never promoted', kind: 'rollback', beforeName: 'prod' },
      end('refused', '42 never ran in prod'),
    ],
    [
      'is refused where nobody can name the stage before',
      open,
      { before: 'never promoted', beforeName: undefined as never },
      end('refused', '42 was never promoted in the stage before'),
    ],
    [
      'goes on in the first stage, with no word of one before it',
      open,
      { before: 'first' },
      proceed('no approval needed'),
    ],
    [
      'goes on where it was promoted before, wherever that was',
      open,
      { beforeName: undefined as never },
      proceed('no approval needed'),
    ],
    [
      'is superseded by a newer one that waits',
      open,
      { waiting: [...waiting('43'), ...waiting('45'), ...waiting('44')] },
      end('superseded', '45 is newer and waits (p_45); the strategy is latest'),
    ],
    [
      'is not by an older one, itself again, or a rollback',
      open,
      { waiting: [...waiting('41'), ...again, ...waiting('43', 'rollback')] },
      proceed('promoted in qa', 'no approval needed'),
    ],
    [
      'is not under every',
      { strategy: 'every' },
      { waiting: waiting('43') },
      proceed('promoted in qa', 'no approval needed'),
    ],
    [
      'never goes backwards by itself',
      { strategy: 'every' },
      { automatic: true, landed: release('43') },
      end('superseded', '43 is newer and landed already'),
    ],
    [
      'goes backwards where somebody asks',
      open,
      { landed: release('43') },
      proceed('promoted in qa', 'no approval needed'),
    ],
    [
      'lands what has landed once more',
      open,
      { automatic: true, landed: facts.release },
      proceed('promoted in qa', 'no approval needed'),
    ],
    [
      'a rollback goes backwards, whatever waits',
      open,
      { kind: 'rollback', landed: release('43'), waiting: waiting('44'), automatic: true },
      proceed('promoted in qa', 'no approval needed'),
    ],
  ])('%s', (_, policy, change, decision) => {
    expect(decide(policy, { ...facts, ...change }, NOW)).toEqual(decision);
  });
});
