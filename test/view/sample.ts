import { readConfig } from '../../infra/config.ts';
import { Promotion } from '../../lambdas/domain/promotion.ts';

export const config = readConfig('examples/forge/conveyor.yaml');
export const now = new Date('2026-11-21T14:02:00Z');

export const digests = {
  old: `sha256:77aa12${'0'.repeat(58)}`,
  new: `sha256:3f9c1ab${'0'.repeat(57)}`,
};

const place = (environment: string, account: string) => ({
  environment,
  account,
  region: 'us-east-1',
  repository: 'forge/payments',
});

/** A promotion as the stack would answer it, waiting for one more approval; `change` overrides what a test is about. */
export function sample(change: Record<string, unknown> = {}): Promotion {
  return Promotion.parse({
    schema: 1,
    id: 'p_01JD7ZK3V5Q8N2M4R6T8W0XYZA',
    kind: 'promotion',
    service: 'payments',
    environment: 'prod-wealth',
    version: '1042',
    digest: digests.new,
    pushedAt: '2026-11-21T10:00:00Z',
    source: place('qa', '333333333333'),
    destination: place('prod-wealth', '444444444444'),
    previous: {
      version: '1038',
      digest: digests.old,
      promotion: 'p_01JC0000000000000000000000',
      pushedAt: '2026-11-15T08:00:00Z',
      since: '2026-11-15T09:12:00Z',
    },
    requestedBy: {
      principal: 'arn:aws:sts::111111111111:assumed-role/person-raj/raj',
      person: 'raj',
    },
    reason: 'fix rounding, INC-231',
    approvalWanted: false,
    createdAt: '2026-11-21T13:01:00Z',
    state: 'awaiting approval',
    stateSince: '2026-11-21T13:01:02Z',
    execution:
      'arn:aws:states:us-east-1:111111111111:execution:promote:p_01JD7ZK3V5Q8N2M4R6T8W0XYZA',
    steps: {
      gates: {
        at: '2026-11-21T13:01:02Z',
        decision: 'ask platform-engineers',
        reasons: [
          '1042 landed in qa at Sat 21 Nov 11:00 UTC',
          'nothing else runs for payments in prod-wealth',
        ],
        policy: 'sha256:aa',
      },
      approval: {
        askedAt: '2026-11-21T13:01:03Z',
        expiresAt: '2026-11-22T13:01:03Z',
        asked: ['ana', 'li', 'tom'],
        minimum: 2,
        votes: [{ person: 'ana', decision: 'approve', at: '2026-11-21T13:40:10Z', via: 'page' }],
        shown: 'sha256:bb',
        diff: [
          {
            path: 'envs/prod-wealth/payments.yaml',
            key: 'image.tag',
            line: 7,
            before: '"1038"',
            after: '"1042"',
          },
        ],
      },
    },
    ...change,
  });
}

/** The same promotion after it went through. */
export function promoted(change: Record<string, unknown> = {}): Promotion {
  const waiting = sample();
  const at = '2026-11-21T15:02:45Z';
  return sample({
    state: 'promoted',
    stateSince: at,
    endedAt: at,
    steps: {
      ...waiting.steps,
      copy: {
        at,
        outcome: 'copied',
        manifests: 3,
        blobsCopied: 11,
        blobsSkipped: 31,
        bytes: 412_345_678,
      },
      verify: { at, digest: digests.new, children: [] },
      ledger: {
        at,
        outcome: 'committed',
        commit: '8c1d2e7aa',
        changes: waiting.steps.approval?.diff ?? [],
      },
      observe: {
        at,
        application: 'payments-prod-wealth',
        sync: 'Synced',
        health: 'Healthy',
        images: [],
        awaits: 'nothing',
      },
    },
    ...change,
  });
}
