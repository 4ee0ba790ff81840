import { describe, expect, it } from 'vitest';
import {
  Actor,
  FinalState,
  isFinal,
  Landed,
  Promotion,
  PromotionState,
  Refusal,
  Release,
} from '../../lambdas/domain/promotion.ts';

const AT = '2026-03-01T12:00:00.000Z';
const digest = `sha256:${'a'.repeat(64)}`;
const place = (environment: string) => ({
  environment,
  account: '222222222222',
  region: 'eu-west-1',
  repository: 'forge/payments',
});
const landed = {
  version: '1038',
  digest,
  pushedAt: AT,
  promotion: 'p_01JD7ZK3V5Q8N2M4R6T8W0XYZA',
  since: AT,
};
const change = {
  path: 'envs/qa/payments.yaml',
  key: 'image.tag',
  line: 2,
  before: '1',
  after: '2',
};

/** A record with all that a record can have. */
const whole = {
  schema: 1,
  id: 'p_01JD7ZK3V5Q8N2M4R6T8W0XYZB',
  kind: 'promotion',
  service: 'payments',
  environment: 'qa',
  version: '1042',
  digest,
  pushedAt: AT,
  source: place('dev'),
  destination: place('qa'),
  previous: landed,
  requestedBy: { principal: 'arn:aws:iam::111111111111:role/person-ana', person: 'ana' },
  reason: 'fix rounding',
  approvalWanted: true,
  createdAt: AT,
  state: 'failed',
  stateSince: AT,
  because: 'failed at copy',
  cause: { code: 'DigestConflict', message: 'taken', fix: 'Build again.', step: 'copy' },
  execution: 'arn:aws:states:eu-west-1:111111111111:execution:promote:p_1',
  endedAt: AT,
  steps: {
    gates: { at: AT, decision: 'proceed', reasons: ['no approval needed'], policy: digest },
    approval: {
      askedAt: AT,
      expiresAt: AT,
      asked: ['li', 'tom'],
      minimum: 1,
      votes: [{ person: 'li', decision: 'approve', at: AT, via: 'page', note: 'go' }],
      shown: digest,
      diff: [change],
    },
    copy: { at: AT, outcome: 'copied', manifests: 3, blobsCopied: 2, blobsSkipped: 1, bytes: 9 },
    verify: { at: AT, digest, children: [digest] },
    ledger: {
      at: AT,
      outcome: 'committed',
      commit: 'abc',
      url: 'https://git.example/abc',
      changes: [change],
    },
    observe: {
      at: AT,
      application: 'payments-qa',
      sync: 'Synced',
      health: 'Healthy',
      revision: 'abc',
      images: ['forge/payments:1042'],
      awaits: 'nothing',
    },
  },
};
const with_ = (path: string, value: unknown) => {
  const [head = '', step = '', field = ''] = path.split('.');
  if (step === '') return { ...whole, [head]: value };
  const { votes } = whole.steps.approval;
  const steps = whole.steps as Readonly<Record<string, object>>;
  const changed =
    head === 'vote'
      ? { approval: { ...whole.steps.approval, votes: [{ ...votes[0], [step]: value }] } }
      : { [step]: { ...steps[step], [field]: value } };
  return { ...whole, steps: { ...steps, ...changed } };
};

describe('a record', () => {
  it('keeps everything that was written', () => {
    expect(Promotion.parse(whole)).toEqual(whole);
    const { version, pushedAt } = whole;
    const release = { schema: 1, service: 'payments', version, digest, source: place('dev') };
    const seen = { ...release, pushedAt, seenAt: AT, announcedBy: 'event' };
    expect(Release.parse(seen)).toEqual(seen);
    expect(Landed.parse(landed)).toEqual(landed);
  });

  it('needs no more than it has on its first day', () => {
    const { previous, reason, because, cause, execution, endedAt, ...first } = whole;

    expect(Promotion.safeParse({ ...first, steps: {} }).success).toBe(true);
    for (const name of Object.keys(first))
      expect([name, Promotion.safeParse({ ...first, [name]: undefined }).success]).toEqual([
        name,
        false,
      ]);
  });

  it.each([
    ['kind', ['promotion', 'rollback']],
    ['vote.decision', ['approve', 'reject']],
    ['vote.via', ['page', 'cli']],
    ['steps.copy.outcome', ['copied', 'already-present', 'same-place']],
    ['steps.ledger.outcome', ['committed', 'already-committed', 'already-so', 'not-committed']],
    ['steps.observe.awaits', ['nothing', 'manual sync', 'unobserved']],
  ])('takes for %s these words and no others', (path, words) => {
    for (const word of words) expect(Promotion.safeParse(with_(path, word)).success).toBe(true);
    expect(Promotion.safeParse(with_(path, '')).success).toBe(false);
  });

  it('knows who did something: a principal, perhaps as a person, or Conveyor by itself', () => {
    const actors = [
      { principal: 'arn:aws:iam::111111111111:role/ci' },
      { principal: 'arn:aws:iam::111111111111:role/ana', person: 'ana' },
      ...['intake', 'sweep', 'promotion'].map((automatic) => ({ automatic })),
    ];

    for (const actor of actors) expect(Actor.parse(actor)).toEqual(actor);
    for (const nobody of [{}, { automatic: '' }, { person: 'ana' }])
      expect(Actor.safeParse(nobody).success).toBe(false);
  });

  it.each(['event', 'sweep'])('of a release says that it was announced by %s', (announcedBy) => {
    const { service, version, pushedAt, source } = whole;
    const release = { schema: 1, service, version, digest, source, pushedAt, seenAt: AT };

    expect(Release.parse({ ...release, announcedBy })).toEqual({ ...release, announcedBy });
    expect(Release.safeParse({ ...release, announcedBy: '' }).success).toBe(false);
  });

  it.each([
    'latest',
    'tag-pattern',
    'repository',
    'account',
    'untagged',
    'moved-tag',
    'not-a-source',
  ])('of a refusal has the code %s', (code) => {
    const refusal = { schema: 1, at: AT, account: '1', repository: 'x', reason: 'because', code };
    const named = { ...refusal, tag: '1', digest };

    expect(Refusal.parse(refusal)).toEqual(refusal);
    expect(Refusal.parse(named)).toEqual(named);
    expect(Refusal.safeParse({ ...refusal, code: '' }).success).toBe(false);
  });
});

/** Design, "The life of a promotion". */
const ENDS = ['promoted', 'superseded', 'rejected', 'expired', 'refused', 'quarantined'];
const BAD_ENDS = ['failed', 'aborted', 'rolled back'];
const RUNNING = ['queued', 'checking', 'awaiting approval', 'copying', 'landing', 'observing'];

describe('a state', () => {
  it.each([...ENDS, ...BAD_ENDS])('%s is an end', (state) => {
    expect(isFinal(PromotionState.parse(state))).toBe(true);
    expect(FinalState.safeParse(state).success).toBe(true);
  });

  it.each(RUNNING)('%s is none', (state) => {
    expect(isFinal(PromotionState.parse(state))).toBe(false);
    expect(FinalState.safeParse(state).success).toBe(false);
  });

  it('is nothing else', () => {
    expect(PromotionState.options.toSorted()).toEqual(
      [...ENDS, ...BAD_ENDS, ...RUNNING].toSorted(),
    );
    expect(FinalState.options.toSorted()).toEqual([...ENDS, ...BAD_ENDS].toSorted());
  });
});
