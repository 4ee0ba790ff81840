import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decide, type Facts, type Policy } from '../../lambdas/domain/decide.ts';
import { compareReleases } from '../../lambdas/domain/release-order.ts';
import { ana, li, mei, raj, tom } from '../promote/shop.ts';

const NOW = new Date('2026-03-01T12:00:00.000Z');
const SHOWN = 'sha256:now';
const TIMES = ['2026-03-01T11:00:00.000Z', NOW.toISOString(), '2026-03-01T13:00:00.000Z'] as const;

const person = fc.constantFrom(ana, li, tom, mei, raj);
const release = fc.record({
  version: fc.constantFrom('9', '10', '11', 'a1b2', 'hotfix'),
  pushedAt: fc.constantFrom(...TIMES),
});
const policies: fc.Arbitrary<Policy> = fc.record(
  {
    strategy: fc.constantFrom('latest' as const, 'every' as const),
    approval: fc.record({
      approvers: fc.array(person, { minLength: 1, maxLength: 4 }),
      minimum: fc.integer({ min: 1, max: 3 }),
      selfApproval: fc.boolean(),
      required: fc.boolean(),
    }),
  },
  { requiredKeys: ['strategy'] },
);
const vote = fc.record({
  person,
  decision: fc.constantFrom('approve' as const, 'reject' as const),
  at: fc.constantFrom(...TIMES),
  via: fc.constantFrom('page' as const, 'cli' as const),
});
const allFacts: fc.Arbitrary<Facts> = fc.record(
  {
    release,
    kind: fc.constantFrom('promotion' as const, 'rollback' as const),
    automatic: fc.boolean(),
    requester: person,
    approvalWanted: fc.boolean(),
    landed: release,
    waiting: fc.array(
      fc.record({
        version: fc.constantFrom('9', '10', '11', 'hotfix'),
        pushedAt: fc.constantFrom(...TIMES),
        promotion: fc.constantFrom('p_1', 'p_2'),
        kind: fc.constantFrom('promotion' as const, 'rollback' as const),
      }),
      { maxLength: 3 },
    ),
    before: fc.constantFrom('first' as const, 'promoted' as const, 'never promoted' as const),
    beforeName: fc.constant('qa'),
    shown: fc.constant(SHOWN),
    approval: fc.record({
      state: fc.constantFrom('open' as const, 'void' as const, 'expired' as const),
      shown: fc.constantFrom(SHOWN, 'sha256:before'),
      expiresAt: fc.constantFrom(...TIMES),
      votes: fc.array(vote, { maxLength: 5 }),
    }),
  },
  {
    requiredKeys: ['release', 'kind', 'automatic', 'approvalWanted', 'waiting', 'before', 'shown'],
  },
);

const always = (check: (policy: Policy, facts: Facts) => void) =>
  fc.assert(fc.property(policies, allFacts, check), { numRuns: 3_000 });

/** The votes that may count at all, said once more and otherwise than the rule says it. */
function countable({ approval: rule }: Policy, { approval, requester, shown }: Facts) {
  if (rule === undefined || approval?.state !== 'open' || approval.shown !== shown) return [];
  return approval.votes.filter(
    ({ person: who }) => rule.approvers.includes(who) && (rule.selfApproval || who !== requester),
  );
}
const demanded = ({ approval: rule }: Policy, { approvalWanted }: Facts) =>
  rule !== undefined && (rule.required || approvalWanted) ? rule.minimum : 0;

describe('whatever the policy and the facts, a decision', () => {
  it('never proceeds without as many different approvers as are demanded, nor past a no', () => {
    always((policy, facts) => {
      const { verdict } = decide(policy, facts, NOW);
      if (verdict !== 'proceed') return;

      const votes = countable(policy, facts);
      const yes = new Set(votes.filter((v) => v.decision === 'approve').map((v) => v.person));
      expect(yes.size).toBeGreaterThanOrEqual(demanded(policy, facts));
      if (demanded(policy, facts) > 0)
        expect(votes.some(({ decision }) => decision === 'reject')).toBe(false);
    });
  });

  it('never proceeds where it cannot tell the requester from the approver', () => {
    always((policy, facts) => {
      const hidden = facts.requester === undefined && !facts.automatic;
      const matters = demanded(policy, facts) > 0 && policy.approval?.selfApproval === false;
      if (hidden && matters) expect(decide(policy, facts, NOW).verdict).toBe('end');
    });
  });

  it('never asks the requester, nor fewer than it needs, where one’s own approval does not count', () => {
    always((policy, facts) => {
      const decision = decide(policy, facts, NOW);
      if (decision.verdict !== 'ask') return;

      expect(new Set(decision.whom).size).toBe(decision.whom.length);
      expect(decision.whom.length).toBeGreaterThanOrEqual(decision.minimum);
      if (policy.approval?.selfApproval === false)
        expect(decision.whom).not.toContain(facts.requester);
    });
  });

  it('never goes backwards by itself, and never into a stage past one that had it not', () => {
    always((policy, facts) => {
      if (decide(policy, facts, NOW).verdict !== 'proceed') return;

      expect(facts.before).not.toBe('never promoted');
      if (facts.kind === 'promotion' && facts.automatic && facts.landed)
        expect(compareReleases(facts.release, facts.landed)).toBeGreaterThanOrEqual(0);
    });
  });

  it('is never worse for one more yes', () => {
    fc.assert(
      fc.property(policies, allFacts, vote, (policy, facts, more) => {
        const { approval } = facts;
        const first = decide(policy, facts, NOW).verdict;
        if (approval === undefined || first === 'end') return;

        const votes = [...approval.votes, { ...more, decision: 'approve' as const }];
        const then = decide(policy, { ...facts, approval: { ...approval, votes } }, NOW).verdict;

        expect(first === 'ask' ? ['ask', 'proceed'] : ['proceed']).toContain(then);
      }),
      { numRuns: 3_000 },
    );
  });

  it('once expired or rejected stays so, whatever votes come and however late it is', () => {
    fc.assert(
      fc.property(policies, allFacts, vote, fc.nat(10 ** 9), (policy, facts, more, later) => {
        const first = decide(policy, facts, NOW);
        const { approval } = facts;
        if (first.verdict !== 'end' || approval === undefined) return;
        if (first.state === 'expired' && approval.state !== 'expired') return;
        // Making way for a rollback is for what only awaits its approval: approved meanwhile, it goes on.
        if (first.reasons[0]?.startsWith('a rollback')) return;

        const votes = [...approval.votes, more];
        const again = decide(
          policy,
          { ...facts, approval: { ...approval, votes } },
          new Date(NOW.getTime() + later),
        );

        expect(again).toMatchObject({ verdict: 'end', state: first.state });
      }),
      { numRuns: 3_000 },
    );
  });

  it('comes with its reasons, is the same every time, and changes nothing that it was given', () => {
    always((policy, facts) => {
      const before = structuredClone([policy, facts]);

      const decision = decide(policy, facts, NOW);

      expect(decision.reasons.every((reason) => reason.length > 4)).toBe(true);
      expect(decision.reasons).not.toEqual([]);
      expect(decide(policy, facts, NOW)).toEqual(decision);
      expect([policy, facts]).toEqual(before);
    });
  });
});
