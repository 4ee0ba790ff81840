import { ECRClient } from '@aws-sdk/client-ecr';
import { describe, expect, it } from 'vitest';
import { ecrRegistry } from '../../lambdas/adapters/ecr-registry.ts';
import { digestOf } from '../../lambdas/domain/digest.ts';
import { RepositoryName } from '../../lambdas/domain/names.ts';
import { FixedClock } from '../fakes/fixed-clock.ts';
import { type Answer, inTurn, type RawServer, rawServer, status } from './raw-server.ts';

const SHOP = RepositoryName.parse('team/shop');
const DIGEST = digestOf('x');
const START = '2026-01-01T00:00:00Z';
const TWELVE_HOURS = 12 * 3600;

/** ECR's control plane, as the SDK sees it; its tokens are t1, t2, … */
async function controlPlane(proxyEndpoint: string): Promise<RawServer> {
  let count = 0;
  return await rawServer((request, response) => {
    const token = {
      authorizationToken: `t${++count}`,
      expiresAt: Date.parse(START) / 1000 + TWELVE_HOURS * count,
      proxyEndpoint,
    };
    const body = JSON.stringify({ authorizationData: [token] });
    return status(200, { 'content-type': 'application/x-amz-json-1.1' }, body)(request, response);
  });
}

function clientOf({ url }: RawServer): ECRClient {
  const credentials = { accessKeyId: '111111111111', secretAccessKey: 'x' };
  return new ECRClient({ endpoint: url.href, region: 'eu-west-1', credentials, maxAttempts: 1 });
}

async function setUp(answer: Answer): Promise<{
  control: RawServer;
  data: RawServer;
  clock: FixedClock;
  has: () => Promise<boolean>;
}> {
  const data = await rawServer(answer);
  const control = await controlPlane(data.url.origin);
  const clock = new FixedClock(START);
  const registry = await ecrRegistry({ client: clientOf(control), clock });
  return { control, data, clock, has: () => registry.hasBlob(SHOP, DIGEST) };
}

const tokens = ({ seen }: RawServer): unknown[] => seen.map(({ headers }) => headers.authorization);

describe('the ECR registry', () => {
  it('speaks to the proxy endpoint with the token, and keeps both', async () => {
    const { control, data, has } = await setUp(status(200));

    await Promise.all([has(), has(), has()]);

    expect(tokens(data)).toEqual(['Basic t1', 'Basic t1', 'Basic t1']);
    expect(control.seen).toHaveLength(1);
    expect(control.seen[0]?.headers['x-amz-target']).toMatch(/\.GetAuthorizationToken$/);
  });

  it('renews the token before it ends, once for all', async () => {
    const { control, data, clock, has } = await setUp(status(200));
    clock.advance((TWELVE_HOURS - 5 * 60) * 1000);

    await Promise.all([has(), has(), has()]);

    expect(new Set(tokens(data))).toEqual(new Set(['Basic t2']));
    expect(control.seen).toHaveLength(2);
  });

  it.each([401, 403])('renews it once when ECR answers %i', async (code) => {
    const { control, data, has } = await setUp(inTurn(status(code), status(200)));

    expect(await has()).toBe(true);

    expect(tokens(data)).toEqual(['Basic t1', 'Basic t2']);
    expect(control.seen).toHaveLength(2);
  });

  it('does not go on for ever when ECR refuses the new one as well', async () => {
    const { data, has } = await setUp(status(403));

    await expect(has()).rejects.toMatchObject({ name: 'RegistryRefused', data: { status: 403 } });
    expect(tokens(data)).toEqual(['Basic t1', 'Basic t2']);
  });

  it('needs TLS, except on this machine', async () => {
    const control = await controlPlane('http://registry.example');

    const made = ecrRegistry({ client: clientOf(control), clock: new FixedClock() });

    await expect(made).rejects.toMatchObject({ name: 'NotAllowed' });
  });

  it.each([
    [400, 'AccessDeniedException', 'RegistryRefused'],
    [400, 'ThrottlingException', 'RegistryUnavailable'],
    [500, 'ServerException', 'RegistryUnavailable'],
  ])('calls a %i %s %s', async (code, type, name) => {
    const body = JSON.stringify({ __type: type, message: 'no' });
    const control = await rawServer(status(code, {}, body));

    const made = ecrRegistry({ client: clientOf(control), clock: new FixedClock() });

    await expect(made).rejects.toMatchObject({ name, data: { code: type } });
  });
});
