import { describe, expect, it } from 'vitest';
import { decide, type Facts, type Policy } from '../../lambdas/domain/decide.ts';
import { ana, li, raj } from '../promote/shop.ts';

const NOW = new Date('2026-03-01T12:00:00.000Z');
const SHOWN = 'sha256:now';
const TIMES = ['2026-03-01T11:00:00.000Z', NOW.toISOString(), '2026-03-01T13:00:00.000Z'] as const;

describe('two approvers, every way they can answer', () => {
  const answers = [undefined, 'approve', 'reject'] as const;
  const rounds = [undefined, 'open', 'void', 'expired'] as const;
  const cases = [1, 2].flatMap((minimum) =>
    [true, false].flatMap((selfApproval) =>
      [ana, li, raj, undefined].flatMap((requester) =>
        rounds.flatMap((state) =>
          [SHOWN, 'sha256:before'].flatMap((shown) =>
            answers.flatMap((first) =>
              answers.flatMap((second) =>
                TIMES.map((expiresAt) => ({
                  minimum,
                  selfApproval,
                  requester,
                  state,
                  shown,
                  given: { ana: first, li: second },
                  expiresAt,
                })),
              ),
            ),
          ),
        ),
      ),
    ),
  );

  it(`comes out as the rule says it, in all ${cases.length} cases`, () => {
    for (const given of cases) expect([given, outcome(given)]).toEqual([given, expected(given)]);
  });

  function outcome({
    minimum,
    selfApproval,
    requester,
    state,
    shown,
    given,
    expiresAt,
  }: (typeof cases)[number]) {
    const votes = [ana, li].flatMap((who) => {
      const decision = given[who as 'ana' | 'li'];
      return decision ? [{ person: who, decision, at: TIMES[0], via: 'page' as const }] : [];
    });
    const facts: Facts = {
      release: { version: '42', pushedAt: TIMES[0] },
      kind: 'promotion',
      automatic: false,
      ...(requester && { requester }),
      approvalWanted: false,
      waiting: [],
      before: 'first',
      shown: SHOWN,
      ...(state && { approval: { state, shown, expiresAt, votes } }),
    };
    const policy: Policy = {
      strategy: 'latest',
      approval: { approvers: [ana, li], minimum, selfApproval, required: true },
    };
    const decision = decide(policy, facts, NOW);
    return decision.verdict === 'end' ? decision.state : decision.verdict;
  }

  function expected({
    minimum,
    selfApproval,
    requester,
    state,
    shown,
    given,
    expiresAt,
  }: (typeof cases)[number]) {
    if (!selfApproval && requester === undefined) return 'refused';
    const may = [ana, li].filter((who) => selfApproval || who !== requester);
    if (may.length < minimum) return 'refused';
    if (state === 'expired') return 'expired';
    if (state !== 'open' || shown !== SHOWN) return 'ask';
    const said = may.map((who) => given[who as 'ana' | 'li']);
    if (said.includes('reject')) return 'rejected';
    if (said.filter((answer) => answer === 'approve').length >= minimum) return 'proceed';
    return expiresAt <= NOW.toISOString() ? 'expired' : 'ask';
  }
});
