import type { Decision, Facts, Policy } from '../../lambdas/domain/decide.ts';
import { ana, li, raj, tom } from '../promote/shop.ts';

export const NOW = new Date('2026-03-01T12:00:00.000Z');
export const LATER = '2026-03-02T12:00:00.000Z';
export const EARLIER = '2026-03-01T11:59:59.000Z';

export const open: Policy = { strategy: 'latest' };
export const asking: Policy = {
  strategy: 'latest',
  approval: { approvers: [ana, li, tom], minimum: 1, selfApproval: false, required: true },
};
export const facts: Facts = {
  release: { version: '42', pushedAt: '2026-03-01T10:00:00.000Z' },
  kind: 'promotion',
  automatic: false,
  requester: raj,
  approvalWanted: false,
  waiting: [],
  before: 'promoted',
  beforeName: 'qa',
  shown: 'sha256:now',
};
type Round = NonNullable<Facts['approval']>;
export const round = (change: Partial<Round>): Round => ({
  state: 'open',
  shown: 'sha256:now',
  expiresAt: LATER,
  votes: [],
  ...change,
});
export const vote = (
  person: typeof ana,
  decision: 'approve' | 'reject' = 'approve',
  note?: string,
) => ({
  person,
  decision,
  at: EARLIER,
  via: 'page' as const,
  ...(note !== undefined && { note }),
});
export const release = (version: string) => ({ version, pushedAt: '2026-03-01T09:00:00.000Z' });
export const waiting = (version: string, kind: 'promotion' | 'rollback' = 'promotion') => [
  { ...release(version), promotion: `p_${version}`, kind },
];

export const proceed = (...reasons: string[]): Decision => ({ verdict: 'proceed', reasons });
export const ask = (reason: string, whom = [ana, li, tom], minimum = 1): Decision => ({
  verdict: 'ask',
  whom,
  minimum,
  reasons: ['promoted in qa', reason],
});
export const end = (
  state: 'superseded' | 'refused' | 'rejected' | 'expired',
  reason: string,
): Decision => ({
  verdict: 'end',
  state,
  reasons: [reason],
});
