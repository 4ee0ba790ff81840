import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encodeRequest, hostRequest } from '../../lambdas/deploy-hosts/host-request.ts';
import { judgeHost } from '../../lambdas/deploy-hosts/judge-host.ts';
import { readReport } from '../../lambdas/deploy-hosts/read-report.ts';
import type { ConveyorConfig } from '../../lambdas/domain/config.ts';
import { Digest, digestOf } from '../../lambdas/domain/digest.ts';
import { PromotionId, type ServiceName, Version } from '../../lambdas/domain/names.ts';
import { ImagePlace } from '../../lambdas/domain/place.ts';
import type { Promotion } from '../../lambdas/domain/promotion.ts';
import { environmentPlace } from '../../lambdas/domain/release-store.ts';
import type { HostReport } from '../../lambdas/domain/rollout.ts';
import { FixedClock } from '../fakes/fixed-clock.ts';
import { instanceId } from '../fakes/memory-fleet.ts';
import { MemoryLedger } from '../fakes/memory-ledger.ts';
import { payments, prod, relay, repository, shop } from '../promote/shop.ts';
import { BUCKET, REGION } from './aws-desk.ts';
import { composition } from './compose-host.ts';
import { type ComposeWorld, openComposeWorld } from './compose-world.ts';
import { openSystemdDesk } from './systemd-desk.ts';
import { release } from './systemd-releases.ts';

const ACTIONS = ['observe', 'deploy', 'restore'] as const;
const FILE = 'hosts/compose.yaml';
const TAG = 'team:service=true';
/** As long and as odd as conveyor.yaml lets them be. */
const HEALTH = { url: 'http://127.0.0.1:65535/a/b_c-d.e~f', within: '1h' };

const systemds = [
  { what: 'by default', target: {} },
  {
    what: 'with every option, as far as it goes',
    target: {
      folder: '/srv/_a/B.c/d-e/f/g/h/i',
      unit: 'wardnet-relay@a_b.c.service',
      keep: 99,
      health: HEALTH,
    },
  },
  {
    what: 'with the least of each',
    target: { folder: '/srv/a', keep: 2, health: { url: 'http://localhost/', within: '1s' } },
  },
];

const composes = [
  { what: 'by default', target: { folder: '/srv/shop/payments' } },
  {
    what: 'with every option, as far as it goes',
    target: {
      folder: '/srv/_a/B.c/d-e/f/g/h/i/j/k',
      variable: `_${'A9'.repeat(31)}B`,
      parameters: '/{service}/_a.b-c/{environment}-x/d{service}',
      health: HEALTH,
    },
  },
];

async function requestsOf(config: ConveyorConfig, promotion: Promotion): Promise<string[]> {
  const clock = new FixedClock('2026-03-01T12:00:00.000Z');
  // biome-ignore lint/suspicious/noTemplateCurlyInString: compose replaces it
  const text = Buffer.from(composition('${IMAGE}').text, 'base64').toString();
  const request = await hostRequest(
    new MemoryLedger(clock, { [FILE]: text }),
    clock,
    config,
    promotion,
  );
  return ACTIONS.map((action) => encodeRequest(JSON.stringify(request), action));
}

function promotionOf(
  service: ServiceName,
  { version, digest }: { readonly version: string; readonly digest: string },
  destination: Promotion['destination'],
): Promotion {
  const at = '2026-03-01T12:00:00.000Z';
  return {
    schema: 1,
    id: PromotionId.parse('p_01KJM3D3G0ZZZZZZZZZZZZZZZZ'),
    kind: 'promotion',
    service,
    environment: prod,
    version: Version.parse(version),
    digest: Digest.parse(digest),
    pushedAt: at,
    source: destination,
    destination,
    requestedBy: { automatic: 'intake' },
    approvalWanted: false,
    createdAt: at,
    state: 'landing',
    stateSince: at,
    steps: {},
  };
}

/** The engine understands what the script answered, and the script understood what it was asked. */
function understood(output: string, service: string): HostReport {
  const report = readReport(output);
  expect(report, output).toMatchObject({ schema: 1, service });
  expect(report?.state, output).not.toBe('refused');
  return report as HostReport;
}

describe('what the engine asks of a systemd host', () => {
  const desk = openSystemdDesk();
  const at = { prod: { region: REGION, releaseBucket: { existing: BUCKET } } };
  const configOf = (target: object) => shop(at, [relay], { systemd: { hosts: TAG, ...target } });
  const placeOf = (config: ConveyorConfig, version: string) =>
    environmentPlace(config, prod, `${relay}/${version}.tar.gz`);
  const ask = async (request: string) => (await desk.run({}, { SSM_Request: request })).stdout;

  it.each(systemds)('is understood $what, and so is the answer', async ({ target }) => {
    const config = configOf(target);
    const version = 'a'.repeat(40);
    const promotion = promotionOf(
      relay,
      { version, digest: digestOf('a') },
      placeOf(config, version),
    );

    for (const request of await requestsOf(config, promotion))
      understood(await ask(request), relay);
  });

  it('brings the release there, and is told so by the look afterwards', async () => {
    await desk.provision(relay);
    const one = release('b'.repeat(40));
    desk.aws.put(`${relay}/${one.version}.tar.gz`, one.bytes);
    const config = configOf({});
    const promotion = promotionOf(relay, one, placeOf(config, one.version));
    const [observe = '', deploy = ''] = await requestsOf(config, promotion);

    const before = understood(await ask(observe), relay);
    understood(await ask(deploy), relay);
    const after = understood(await ask(observe), relay);

    const host = instanceId(1);
    expect(judgeHost(host, promotion, before).state).toBe('failed');
    expect(judgeHost(host, promotion, after)).toEqual({
      instance: host,
      state: 'promoted',
      version: one.version,
      digest: one.digest,
    });
  });
});

describe('what the engine asks of a compose host', () => {
  let world: ComposeWorld;
  beforeAll(async () => {
    world = await openComposeWorld();
  });
  afterAll(() => world.close());

  it.each(composes)('is understood $what, and so is the answer', async ({ target }) => {
    const config = shop({}, [payments], { compose: { hosts: TAG, file: FILE, ...target } });
    const { account, region } = config.environments[prod] ?? {};
    const place = ImagePlace.parse({
      ...{ environment: prod, account, region, repository: repository(payments) },
    });
    const promotion = promotionOf(payments, { version: '41', digest: digestOf('a') }, place);

    for (const request of await requestsOf(config, promotion)) {
      const { stdout } = await world.host.run(Buffer.from(request, 'base64').toString('utf8'));
      understood(stdout, payments);
    }
  });
});
