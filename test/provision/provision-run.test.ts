import { describe, expect, it } from 'vitest';
import { targetName } from '../../lambdas/domain/desired-state.ts';
import { HostsRefused, NotAllowed } from '../../lambdas/domain/errors.ts';
import { hostPlaces } from '../../lambdas/provision/host-places.ts';
import { stepRun } from '../../lambdas/provision/step-run.ts';
import { openDesk, prod, service, TAG } from './desk.ts';

const places = hostPlaces(service);

describe('a run of provisioning', () => {
  it('brings every host to what is declared, and a second one changes nothing', async () => {
    const desk = openDesk();
    const hosts = [desk.scaffolds.add(TAG), desk.scaffolds.add(TAG)];
    desk.declare({ port: 8080 });

    const { outcome, run } = await desk.finish();

    expect(outcome).toBe('converged');
    expect((await desk.record(run)).hosts.map(({ state }) => state)).toEqual([
      'changed',
      'changed',
    ]);
    for (const { parts } of hosts) expect(parts.has(places.unitFile)).toBe(true);
    const changes = hosts.map((host) => host.changes.length);
    const again = await desk.finish();
    expect((await desk.record(again.run)).because).toBe('2 as declared');
    expect(hosts.map((host) => host.changes.length)).toEqual(changes);
  });

  it('takes two commands to look and one to tell, however many hosts are told alike', async () => {
    const desk = openDesk();
    for (let n = 0; n < 50; n++) desk.scaffolds.add(TAG);
    desk.declare({});

    await desk.finish();

    expect(desk.requests().map(({ asked, instances }) => [asked.action, instances.length])).toEqual(
      [
        ['observe', 50],
        ['apply', 50],
        ['observe', 50],
      ],
    );
  });

  it('goes to more than fifty hosts in batches', async () => {
    const desk = openDesk();
    for (let n = 0; n < 120; n++) desk.scaffolds.add(TAG);
    desk.declare({});

    const { outcome } = await desk.finish();

    expect(outcome).toBe('converged');
    expect(Math.max(...desk.scaffolds.sent.map(({ command }) => command.instances.length))).toBe(
      50,
    );
  });

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

  it('publishes where the service is, once its hosts were seen to be as declared', async () => {
    const desk = openDesk();
    const host = desk.scaffolds.add(TAG);
    host.faults.push('full', 'full', 'full');
    desk.declare({});
    const name = targetName(prod, service);

    expect((await desk.finish()).outcome).toBe('incomplete');
    expect(desk.parameters.published.has(name)).toBe(false);
    expect((await desk.finish()).outcome).toBe('converged');
    expect(desk.parameters.published.get(name)).toMatchObject({
      kind: 'systemd',
      hosts: TAG,
      folder: '/srv/wardnet/relay',
      unit: 'wardnet-relay.service',
      instances: 1,
    });
  });

  it('finds a host that is new, or was off, the next time', async () => {
    const desk = openDesk();
    const off = desk.scaffolds.add(TAG);
    off.online = false;
    desk.declare({});
    const first = await desk.finish();
    expect((await desk.record(first.run)).services[0]?.unreachable).toEqual([off.instance]);
    off.online = true;
    const late = desk.scaffolds.add(TAG);

    const { outcome } = await desk.finish();

    expect(outcome).toBe('converged');
    for (const { parts } of [off, late]) expect(parts.has(places.unitFile)).toBe(true);
  });

  it.each(['killed', 'lies', 'timed out', 'busy', 'full', 'another key'] as const)(
    'makes good in the same run that a host is %s once',
    async (fault) => {
      const desk = openDesk();
      const host = desk.scaffolds.add(TAG);
      host.faults.push(fault);
      desk.declare({ credential: true });
      desk.putCredential();

      const { outcome, run } = await desk.finish();

      expect(outcome).toBe('converged');
      expect((await desk.record(run)).hosts[0]?.state).toBe('changed');
    },
  );

  it('leaves out a host that is terminated meanwhile, whether all of them are or some', async () => {
    const desk = openDesk();
    const [first, second] = [desk.scaffolds.add(TAG), desk.scaffolds.add(TAG)];
    desk.declare({});
    const run = desk.nextRun();
    await desk.step(run);
    desk.scaffolds.gone.add(first.instance);

    const { outcome } = await desk.finish(run);

    expect(outcome).toBe('converged');
    expect((await desk.record(run)).hosts.map(({ instance }) => instance)).toEqual([
      second.instance,
    ]);
    desk.scaffolds.gone.add(second.instance);
    const none = await desk.finish();
    expect((await desk.record(none.run)).because).toBe('no host');
  });

  it('tells why a host is not as declared, in the host’s own words', async () => {
    const desk = openDesk();
    desk.scaffolds.add(TAG).faults.push('full', 'full', 'full');
    desk.scaffolds.add(TAG);
    desk.declare({});

    const { outcome, run } = await desk.finish();

    expect(outcome).toBe('incomplete');
    const { hosts, because } = await desk.record(run);
    expect(hosts.map(({ state, reason }) => [state, reason])).toEqual([
      ['failed', 'no space is left'],
      ['changed', undefined],
    ]);
    expect(because).toBe('1 changed, 1 failed');
  });

  it('that may not send to the hosts of one service provisions the others', async () => {
    const desk = openDesk();
    desk.scaffolds.add(TAG);
    desk.declare({});
    desk.declare({}, 'other');
    desk.scaffolds.beforeSend = ({ request }) => {
      if (Buffer.from(request, 'base64').toString().includes('"service":"other"'))
        throw new HostsRefused('AWS refused it');
    };

    const { run } = await desk.finish();

    const { hosts } = await desk.record(run);
    expect(hosts.map(({ state, reason }) => [state, reason])).toEqual([
      ['blocked', 'AWS refused it'],
      ['changed', undefined],
    ]);
  });

  it('does nothing in an environment that is declared no longer', async () => {
    const desk = openDesk();
    desk.scaffolds.add(TAG);
    desk.declare({});
    const ports = { ...desk.ports, openHosts: async () => undefined };

    const stepped = await stepRun(ports, { run: desk.nextRun(), environment: prod, mode: 'apply' });

    expect(stepped).toEqual({ outcome: 'converged' });
    expect(desk.scaffolds.sent).toEqual([]);
  });
});

describe('a plan', () => {
  it('says what would change on each host, and changes nothing', async () => {
    const desk = openDesk();
    const [done, bare] = [desk.scaffolds.add(TAG), desk.scaffolds.add(TAG)];
    bare.online = false;
    desk.declare({});
    await desk.finish();
    bare.online = true;
    const before = done.changes.length;

    const { outcome, run } = await desk.finish(desk.nextRun(), 'plan');

    expect(outcome).toBe('planned');
    const { hosts } = await desk.record(run);
    expect(hosts.map(({ action }) => action)).toEqual(['none', 'create']);
    expect([done.changes.length, bare.changes.length]).toEqual([before, 0]);
  });

  it('waits for nobody’s turn', async () => {
    const desk = openDesk();
    desk.scaffolds.add(TAG);
    desk.declare({});
    await desk.step(desk.nextRun());

    expect((await desk.finish(desk.nextRun(), 'plan', 10)).outcome).toBe('planned');
  });
});

describe('a service that goes', () => {
  it.each([
    ['is declared absent', (desk: ReturnType<typeof openDesk>) => desk.declare('absent')],
    ['is declared no longer', (desk: ReturnType<typeof openDesk>) => desk.undeclare()],
  ])('when it %s: its data and its user stay, and the run says so', async (_, go) => {
    const desk = openDesk();
    const host = desk.scaffolds.add(TAG);
    desk.declare({});
    await desk.finish();
    go(desk);

    const { outcome, run } = await desk.finish();

    expect(outcome).toBe('converged');
    expect((await desk.record(run)).hosts).toMatchObject([
      { state: 'changed', action: 'remove', keeps: [places.folder, places.user] },
    ]);
    expect([...host.parts.keys()]).toContain(places.folder);
    expect([...host.parts.keys()]).not.toContain(places.unitFile);
    expect(desk.parameters.published.size).toBe(0);
  });

  it('is asked for again while a host that has it is off', async () => {
    const desk = openDesk();
    const host = desk.scaffolds.add(TAG);
    desk.declare({});
    await desk.finish();
    desk.undeclare();
    host.online = false;
    await desk.finish();
    host.online = true;

    await desk.finish();

    expect([...host.parts.keys()]).not.toContain(places.unitFile);
    const last = await desk.finish();
    expect((await desk.record(last.run)).services).toEqual([]);
  });
});
