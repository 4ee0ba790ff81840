import { describe, expect, it } from 'vitest';
import { ServiceName } from '../../lambdas/domain/names.ts';
import { hostPlaces } from '../../lambdas/provision/host-places.ts';
import { credentialOf, declare, requestFor } from './provision-declared.ts';
import { useProvisionDesk } from './provision-desk.ts';
import { deployRelease } from './provision-host.ts';

const desk = useProvisionDesk();

describe('a host that has nothing', () => {
  const bare = declare('bare');

  it('says so, and which key it can decrypt with', async () => {
    const { report, code } = await desk.host.provision(requestFor('observe', 'bare'));

    expect(code).toBe(0);
    expect(report).toMatchObject({ state: 'absent', missing: [], changed: [] });
    expect(report.parts['/etc/wardnet/services/bare/descriptor.yaml']).toBeUndefined();
    expect(`${report.hostKey}`).toBe(
      (await desk.host.sh('cut -d " " -f 1,2 /etc/ssh/ssh_host_ed25519_key.pub')).trim(),
    );
  });

  it('gets all of it, with owners and modes, and starts nothing', async () => {
    expect(await desk.planned(bare)).toMatchObject({ action: 'create' });

    const { report, code } = await desk.apply(bare);

    expect([code, report.state]).toEqual([0, 'present']);
    expect(await desk.planned(bare)).toMatchObject({ action: 'none', changes: [] });
    expect(
      (
        await desk.host.sh(`stat -c '%n %U:%G %a' /srv/wardnet/bare /srv/wardnet/bare/data \
      /etc/wardnet/services/bare /etc/wardnet/services/bare/descriptor.yaml \
      /etc/systemd/system/wardnet-bare.service /usr/local/lib/conveyor/bootstrap`)
      ).split('\n'),
    ).toEqual([
      '/srv/wardnet/bare wardnet-bare:root 750',
      '/srv/wardnet/bare/data wardnet-bare:wardnet-bare 750',
      '/etc/wardnet/services/bare root:root 755',
      '/etc/wardnet/services/bare/descriptor.yaml root:root 644',
      '/etc/systemd/system/wardnet-bare.service root:root 644',
      '/usr/local/lib/conveyor/bootstrap root:root 755',
      '',
    ]);
    expect(report.unit).toEqual({
      loaded: 'loaded',
      active: 'inactive',
      enabled: 'enabled',
      reload: 'no',
    });
    expect(await desk.host.sh('getent passwd wardnet-bare')).toMatch(
      /^wardnet-bare:x:\d+:\d+::\/srv\/wardnet\/bare\/data:\/usr\/sbin\/nologin$/m,
    );
    await desk.host.sh('systemd-analyze verify /etc/systemd/system/wardnet-bare.service');
  });

  it('has nothing to start before the first deployment, which is no failure', async () => {
    await desk.host.sh('systemctl start wardnet-bare');

    expect(await desk.property('bare', 'ActiveState')).toBe('inactive');
    expect(await desk.property('bare', 'ConditionResult')).toBe('no');
  });
});

describe('a service that is removed', () => {
  it('is stopped; its data and its user stay, and the host says so', async () => {
    const gone = declare('gone');
    await desk.apply(gone, { hostKey: desk.hostKey, credential: credentialOf('gone') });
    await deployRelease(desk.host, 'gone');
    await desk.host.sh('echo kept >/srv/wardnet/gone/data/file; systemctl start wardnet-gone');

    const { report, code } = await desk.host.provision(requestFor('remove', 'gone'));

    expect([code, report.state]).toEqual([0, 'absent']);
    expect(report.reason).toBe(
      'removed; its data in /srv/wardnet/gone and its user wardnet-gone are left',
    );
    expect(
      await desk.host.sh(
        'cat /srv/wardnet/gone/data/file; id -un wardnet-gone; readlink /srv/wardnet/gone/current',
      ),
    ).toBe('kept\nwardnet-gone\nreleases/v1\n');
    expect(
      await desk.host.sh('find /etc /var/lib/conveyor /run/systemd -name "*gone*" | sort'),
    ).toBe('/var/lib/conveyor/gone\n');
    expect(await desk.property('gone', 'LoadState')).toBe('not-found');
    expect((await desk.host.provision(requestFor('remove', 'gone'))).report.changed).toEqual([]);
    expect(await desk.planned(gone)).toMatchObject({ action: 'create' });
  });
});

describe('many names', () => {
  it('of forty characters fit all over: user, unit, one line of report', async () => {
    const service = `${'a'.repeat(39)}z`;
    const { user } = hostPlaces(ServiceName.parse(service));

    const { report } = await desk.apply(declare(service), {
      hostKey: desk.hostKey,
      credential: credentialOf(service),
    });

    expect(report).toMatchObject({ state: 'present', user });
    expect(await desk.host.sh(`id -un ${user}`)).toBe(`${user}\n`);
  });

  it('of a user that is somebody else’s are left alone', async () => {
    await desk.host.sh('useradd --system --home-dir /var/lib/theirs wardnet-theirs');

    const { report } = await desk.apply(declare('theirs'));

    expect(report).toMatchObject({ state: 'failed' });
    expect(report.reason).toContain('it is not this service’s'.replace('’', "'"));
  });
});
