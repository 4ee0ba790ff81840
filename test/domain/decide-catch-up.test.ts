import { describe, expect, it } from 'vitest';
import { decide, type Facts } from '../../lambdas/domain/decide.ts';
import { asking, end, facts, NOW, proceed, release, waiting } from './decide-facts.ts';

const catchUp: Facts = {
  ...facts,
  kind: 'catch-up',
  automatic: true,
  landed: facts.release,
  stands: '42',
};
const brought = proceed('promoted here; brought to hosts that do not run it');

describe('a catch-up', () => {
  it.each<[string, Partial<Facts>, unknown]>([
    ['goes on where its version is promoted, and asks for no approval', {}, brought],
    [
      'is refused where its version never ran',
      { before: 'never promoted', beforeName: 'prod' },
      end('refused', '42 never ran in prod'),
    ],
    [
      'has no purpose where something older is promoted by now',
      { landed: release('41') },
      end('superseded', '41 is what is promoted here now'),
    ],
    [
      'has none where something newer is',
      { landed: release('43') },
      end('superseded', '43 is newer and landed already'),
    ],
    [
      'has none where nothing is promoted',
      { landed: undefined as never },
      end('superseded', 'nothing is what is promoted here now'),
    ],
    [
      'has none where the Ledger was changed by hand',
      { stands: '40' },
      end('superseded', 'the Ledger says 40 in its place now'),
    ],
    [
      'has none where the Ledger says nothing',
      { stands: '' },
      end('superseded', 'the Ledger says nothing in its place now'),
    ],
    [
      'makes way for what is newer',
      { waiting: waiting('43') },
      end('superseded', '43 is newer and waits (p_43); the strategy is latest'),
    ],
    ['does not make way for a rollback', { waiting: waiting('41', 'rollback') }, brought],
  ])('%s', (_, change, decision) => {
    expect(decide(asking, { ...catchUp, ...change }, NOW)).toEqual(decision);
  });
});
