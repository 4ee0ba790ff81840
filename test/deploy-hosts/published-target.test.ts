import { describe, expect, it } from 'vitest';
import { targetName } from '../../lambdas/domain/desired-state.ts';
import { PublishedTarget } from '../../lambdas/domain/provision-run.ts';
import { environment, openDesk, release, service, TAG } from './desk.ts';

const published = PublishedTarget.parse({
  schema: 1,
  service,
  environment,
  kind: 'systemd',
  hosts: TAG,
  folder: '/srv/elsewhere/relay',
  unit: 'elsewhere-relay.service',
  instances: 1,
  at: '2026-03-01T12:00:00.000Z',
});

/** What the hosts' script was asked first. */
async function askedFor(target: object, what: PublishedTarget | undefined) {
  const desk = openDesk({}, target);
  desk.fleet.add(TAG, release('a'));
  if (what !== undefined) desk.parameters.published.set(targetName(environment, service), what);
  await desk.promote(release('b'));
  await desk.step();
  const { request = '' } = desk.fleet.sent[0]?.command ?? {};
  const { root, unit } = JSON.parse(Buffer.from(request, 'base64').toString('utf8'));
  return { root, unit };
}

describe('where a release goes on a host', () => {
  it('is where provisioning says that it put the service', async () => {
    expect(await askedFor({}, published)).toEqual({
      root: '/srv/elsewhere/relay',
      unit: 'elsewhere-relay.service',
    });
  });

  it('is what conveyor.yaml names, whatever is published', async () => {
    const named = { folder: '/srv/forge/relay', unit: 'relay.service' };

    expect(await askedFor(named, published)).toEqual({
      root: '/srv/forge/relay',
      unit: 'relay.service',
    });
  });

  it('is where provisioning would put it, as long as nothing is published', async () => {
    expect(await askedFor({}, undefined)).toEqual({
      root: '/srv/wardnet/relay',
      unit: 'wardnet-relay.service',
    });
  });
});
