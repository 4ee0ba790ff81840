import { describe, expect, it } from 'vitest';
import { NotAllowed } from '../../lambdas/domain/errors.ts';
import { hostPlaces } from '../../lambdas/provision/host-places.ts';
import { openDesk, service, TAG } from './desk.ts';

const places = hostPlaces(service);

describe('the credential of a service', () => {
  it('seals a credential to each host’s own key, and again only when it is another', async () => {
    const desk = openDesk();
    const hosts = [desk.scaffolds.add(TAG), desk.scaffolds.add(TAG)];
    desk.declare({ credential: true });
    desk.putCredential();

    await desk.finish();

    const told = desk.requests().filter(({ asked }) => asked.action === 'apply');
    expect(told.map(({ instances, asked }) => [instances, asked.credential.hostKey])).toEqual(
      hosts.map(({ instance, key }) => [[instance], key]),
    );
    const before = desk.scaffolds.sent.length;
    await desk.finish();
    expect(desk.scaffolds.sent.length).toBe(before + 1);
    desk.putCredential({ secretAccessKey: 'another/secret+key/of/the/credential/0' });
    const { outcome, run } = await desk.finish();
    expect(outcome).toBe('converged');
    expect(
      (await desk.record(run)).hosts.map(({ changes }) => changes.map((one) => one.part)),
    ).toEqual(hosts.map(() => [places.credential]));
  });

  it('without the credential that is declared says which is missing, and leaves the hosts alone', async () => {
    const desk = openDesk();
    desk.scaffolds.add(TAG);
    desk.declare({ credential: true });
    desk.declare({}, 'other');

    const { outcome, run } = await desk.finish();

    expect(outcome).toBe('incomplete');
    const { services, hosts, because } = await desk.record(run);
    expect(services.map((one) => [one.service, one.problem])).toEqual([
      ['other', undefined],
      ['relay', 'its credential is missing: put the SecureString /conveyor/credentials/prod/relay'],
    ]);
    expect(hosts.map(({ state }) => state)).toEqual(['changed']);
    expect(because).toContain('1 changed; relay: its credential is missing');
  });

  it.each(['no JSON', '{}', JSON.stringify({ schema: 1, secretAccessKey: 'half-a-secret' })])(
    'repeats nothing of a credential that is none: %s',
    async (text) => {
      const desk = openDesk();
      desk.scaffolds.add(TAG);
      desk.declare({ credential: true });
      desk.parameters.credentials.set('prod/relay', text);

      const { run } = await desk.finish();

      const { services } = await desk.record(run);
      expect(services[0]?.problem).toBe(
        '/conveyor/credentials/prod/relay is no credential: it must be the JSON that the how-to shows',
      );
    },
  );

  it('that may not read one credential says so of that service, and provisions the others', async () => {
    const desk = openDesk();
    desk.scaffolds.add(TAG);
    desk.declare({ credential: true });
    desk.declare({}, 'other');
    desk.parameters.credential = async () => {
      throw new NotAllowed('/conveyor/credentials/prod/relay cannot be read: AccessDenied');
    };

    const { run } = await desk.finish();

    const { services, hosts } = await desk.record(run);
    expect(services.map(({ problem }) => problem)).toEqual([
      undefined,
      '/conveyor/credentials/prod/relay cannot be read: AccessDenied',
    ]);
    expect(hosts.map(({ state }) => state)).toEqual(['changed']);
  });
});
