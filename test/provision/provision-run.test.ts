import { describe, expect, it } from 'vitest';
import { targetName } from '../../lambdas/domain/desired-state.ts';
import { HostsRefused } from '../../lambdas/domain/errors.ts';
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
