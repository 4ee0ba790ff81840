import { digests, now, promoted, sample } from '../view/sample.ts';
import type { Canned, FakeApi } from './fake-api.ts';

const place = (environment: string, account: string) => ({
  environment,
  account,
  region: 'us-east-1',
  repository: 'forge/payments',
});
const landed = (version: string, digest: string) => ({
  version,
  digest,
  pushedAt: '2026-11-20T10:00:00Z',
  promotion: 'p_01JC0000000000000000000000',
  since: '2026-11-21T12:02:00Z',
});

export const waiting = sample();
export const release = {
  schema: 1,
  service: 'payments',
  version: '1042',
  digest: digests.new,
  source: place('dev', '222222222222'),
  pushedAt: '2026-11-21T10:00:00Z',
  seenAt: '2026-11-21T10:00:01Z',
  announcedBy: 'event',
};
export const refusal = {
  schema: 1,
  at: '2026-11-21T09:00:00Z',
  account: '222222222222',
  repository: 'forge/payments',
  tag: 'latest',
  code: 'latest',
  reason: 'latest is never a release',
};

export const status = {
  at: now.toISOString(),
  you: { principal: 'arn:aws:sts::111111111111:assumed-role/person-li/li', person: 'li' },
  environments: ['dev', 'qa', 'prod-wealth'],
  services: [
    {
      service: 'payments',
      cells: [
        {
          environment: 'dev',
          place: place('dev', '222222222222'),
          landed: landed('1042', digests.new),
          queued: [],
        },
        {
          environment: 'qa',
          place: place('qa', '333333333333'),
          landed: landed('1042', digests.new),
          observed: { sync: 'Synced', health: 'Healthy', images: [`x/forge/payments:1042`] },
          queued: [],
        },
        {
          environment: 'prod-wealth',
          place: place('prod-wealth', '444444444444'),
          landed: landed('1038', digests.old),
          running: waiting,
          queued: [],
        },
      ],
    },
    {
      service: 'pricing',
      cells: [
        {
          environment: 'dev',
          place: place('dev', '222222222222'),
          landed: landed('2210', digests.old),
          queued: [],
        },
        {
          environment: 'qa',
          place: place('qa', '333333333333'),
          landed: landed('2209', digests.new),
          observed: { sync: 'Synced', health: 'Healthy', images: ['x/forge/pricing:2200'] },
          queued: [],
        },
        {
          environment: 'prod-wealth',
          place: place('prod-wealth', '444444444444'),
          queued: [],
          available: { version: '2209', digest: digests.new },
        },
      ],
    },
  ],
  yours: [waiting],
};

export const sha = 'a1'.repeat(20);
const store = { kind: 's3', bucket: 'releases', region: 'us-east-1' };
const target = { kind: 'store', path: 'manifest.prod-wealth.yaml', key: 'payments.version' };
/** A service whose version is under way into prod-wealth. */
export const service = {
  service: 'payments',
  platform: 'forge/forge-platform',
  you: { principal: status.you.principal },
  kind: 'tarball',
  store,
  stages: ['dev', 'qa', 'prod-wealth'],
  targets: { 'prod-wealth': target },
  seenWithin: 1_200,
  asked: {
    version: sha,
    environment: 'prod-wealth',
    release: { ...release, version: sha },
    wasPromoted: false,
    promotion: waiting,
  },
};

const RUN = 'r_01JC0000000000000000000000';
/** A run of provisioning in which one host is to be made, one is right, and one is off. */
export const provisioning = (state: string, host: string, mode = 'plan') => ({
  run: {
    schema: 1,
    run: RUN,
    environment: 'prod-wealth',
    mode,
    asked: '2026-11-21T14:01:00.000Z',
    askedBy: 'li',
    state,
  },
  services: [
    {
      service: 'relay',
      wanted: 'present',
      hosts: 'wardnet:relay=true',
      unreachable: ['i-00000000000000003'],
      instances: [
        {
          instance: 'i-00000000000000001',
          state: host,
          action: 'create',
          changes: [
            {
              part: '/etc/systemd/system/wardnet-relay.service',
              change: 'create',
              why: 'not there',
            },
          ],
        },
        { instance: 'i-00000000000000002', state: host, action: 'none' },
      ],
    },
  ],
});

export const notFound: Canned = {
  status: 404,
  body: { error: { code: 'NotFound', message: 'not found' } },
};

/** Replies in which everything goes well. */
export function cannedReplies(api: FakeApi): void {
  api.asked.length = 0;
  api.claimed.clear();
  api.replies.clear();
  const set = (route: string, ...replies: unknown[]) =>
    api.replies.set(
      route,
      replies.map((body) => ({ body })),
    );
  set('GET /status', status);
  set('POST /promotions', { promotion: sample({ state: 'checking', steps: {} }) });
  set(`GET /promotions/${waiting.id}`, { promotion: waiting }, { promotion: promoted() });
  set(`POST /promotions/${waiting.id}/decision`, { promotion: sample({ state: 'copying' }) });
  set('POST /provisioning', provisioning('running', 'waiting'));
  set(
    `GET /provisioning/prod-wealth/${RUN}`,
    provisioning('running', 'waiting'),
    provisioning('planned', 'planned'),
  );
  set('GET /history', { promotions: [waiting, promoted({ kind: 'rollback', reason: undefined })] });
  set('GET /releases', { releases: [release] });
  set('GET /services/payments', service);
  set('GET /why', {
    environment: 'prod-wealth',
    releases: [release],
    promotions: [waiting],
    refusals: [refusal],
    available: false,
  });
}
