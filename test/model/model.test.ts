import { describe, expect, it } from 'vitest';
import { REAL, type Rules, type Scope } from './rules.ts';
import { type Found, type Story, search } from './search.ts';

/**
 * One service stands for two: no rule reads another service's line, promotions or people, and every law speaks of one
 * service. So a state of two is a pair of states of one, a step of two is a step of one of them, and what holds in
 * every state of one holds in every pair.
 */
const SMALL: Scope = {
  strategy: 'latest',
  minimum: 1,
  selfApproval: false,
  auto: true,
  first: 'in full',
  builds: 3,
  asks: 0,
  rollbacks: 0,
  edits: 0,
  deaths: 0,
};
/** Only what is asked for goes on to the second environment, and releases land in the first in any order, at any time. */
const ASKED = { auto: false, first: 'at once', builds: 2 } as const;

const strategies = ['latest', 'every'] as const;
const demands = [
  { minimum: 0, selfApproval: false },
  ...([1, 2] as const).flatMap((minimum) =>
    [false, true].map((selfApproval) => ({ minimum, selfApproval })),
  ),
] as const;

function searchAll(change: Partial<Scope>, among: readonly Partial<Scope>[] = demands): Found {
  const found = strategies.flatMap((strategy) =>
    among.map((demand) => search({ ...SMALL, strategy, ...demand, ...change })),
  );
  return {
    states: found.reduce((sum, { states }) => sum + states, 0),
    moves: found.reduce((sum, { moves }) => sum + moves, 0),
    ...found.find(({ story }) => story !== undefined),
  };
}

describe('in a world of two environments, two approvers and three releases, every law holds', () => {
  const automatic = [{ minimum: 0 }, { minimum: 1 }, { minimum: 2 }] as const;

  it.each<[string, number, () => Found]>([
    [
      'while releases come in any order and go on by themselves, and the Ledger is edited',
      25_000,
      () => searchAll({ edits: 1 }, automatic),
    ],
    ['while executions fail anywhere', 8_000, () => searchAll({ deaths: 1 }, [{ minimum: 1 }])],
    ['while people ask one over the other', 20_000, () => searchAll({ ...ASKED, asks: 2 })],
    [
      'while people ask and answer, and the Ledger is edited',
      10_000,
      () => searchAll({ ...ASKED, builds: 3, asks: 1, edits: 1 }),
    ],
    [
      'while somebody asks and somebody rolls back',
      20_000,
      () => searchAll({ ...ASKED, asks: 1, rollbacks: 1 }),
    ],
  ])(
    '%s',
    (_, atLeast, explore) => {
      const { states, moves, story } = explore();

      expect(story).toBeUndefined();
      expect(states).toBeGreaterThan(atLeast);
      expect(moves).toBeGreaterThan(states);
    },
    60_000,
  );
});

describe('a fault in one rule is found, and told as the shortest story', () => {
  const { decide, nextInLine } = REAL;
  const asked: Partial<Scope> = { ...ASKED, builds: 1, asks: 1 };

  it.each<[string, Partial<Rules>, Partial<Scope>, Story['broken'], string[]]>([
    [
      'approvals that outlive what they were given for',
      {
        decide: (policy, facts, now) =>
          decide(policy, { ...facts, shown: facts.approval?.shown ?? facts.shown }, now),
      },
      { ...asked, edits: 1 },
      'passes only with the approvals demanded for what is shown now',
      [
        '8 lands in qa',
        'ana asks for 8',
        "ana's 8 into prod takes its turn",
        "ana's 8 into prod checks its gates",
        "li: approve ana's 8 into prod",
        'the Ledger is edited',
        "ana's 8 into prod checks its gates",
      ],
    ],
    [
      'a line in order of arrival',
      { compareWaiters: (a, b) => a.since.localeCompare(b.since) },
      {},
      'takes its turn after all who go before it',
      ['9 arrives', '8 arrives', '9 into qa takes its turn'],
    ],
    [
      'a requester who approves their own',
      {
        decide: (policy, facts, now) => {
          const { requester: _, ...hidden } = facts;
          return decide(policy, { ...hidden, automatic: true }, now);
        },
        mayDecide: () => ({ allowed: true }),
      },
      asked,
      'neither asks nor hears who asked for it, nor anybody where that is unknown',
      [
        '8 lands in qa',
        'ana asks for 8',
        "ana's 8 into prod takes its turn",
        "ana's 8 into prod checks its gates",
      ],
    ],
    [
      'a lock handed to the last in line',
      {
        nextInLine: (leaver, holder, waiters) =>
          nextInLine(leaver, holder, waiters.filter(({ token }) => token !== undefined).slice(-1)),
      },
      {},
      'takes its turn after all who go before it',
      [
        '8 arrives',
        '9 arrives',
        '10 arrives',
        '8 into qa takes its turn',
        '8 into qa checks its gates',
        '10 into qa is not first',
        '10 into qa parks',
        '8 into qa ends: superseded',
      ],
    ],
    [
      'a lock that is dropped instead of handed on',
      { nextInLine: () => undefined },
      { builds: 2, auto: false },
      'always comes to an end',
      ['8 arrives', '9 arrives', '9 into qa is not first', '9 into qa parks'],
    ],
  ])('%s', (_, fault, scope, broken, steps) => {
    const { story } = search({ ...SMALL, ...scope }, { ...REAL, ...fault });

    expect(story).toEqual({ broken, steps });
  });
});
