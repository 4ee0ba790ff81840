import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ServiceName } from '../../lambdas/domain/names.ts';
import { fingerprintCredential } from '../../lambdas/provision/credential.ts';
import type { HostKey } from '../../lambdas/provision/host-key.ts';
import { hostPlaces } from '../../lambdas/provision/host-places.ts';
import { type PlanRow, planProvision } from '../../lambdas/provision/plan-provision.ts';
import { openParameterStore, type ParameterStore, ROLE } from './provision-aws.ts';
import {
  type Apply,
  applyRequest,
  credentialOf,
  declare,
  FINGERPRINT_KEY,
  requestFor,
} from './provision-declared.ts';
import { deployRelease, type Host, LISTING, startHost, until } from './provision-host.ts';

const SECRET = 'a "secret" of\n\'many\' $(touch /canary) `touch /canary` {{ssm:/x}} % lines — ü\n';

const AS_ORDERS = 'setpriv --reuid wardnet-orders --regid wardnet-orders --clear-groups';

let store: ParameterStore;
let host: Host;
let hostKey: HostKey;

beforeAll(async () => {
  store = await openParameterStore([ROLE, { ...credentialOf('orders'), sessionToken: '' }]);
  host = await startHost(store.endpoint);
  const { report } = await host.provision(requestFor('observe', 'orders'));
  if (report.hostKey === undefined) throw new Error(report.reason);
  hostKey = report.hostKey;
});
afterAll(async () => {
  await host?.remove();
  await store?.close();
});

const apply = async (...[declared, more]: Parameters<typeof applyRequest>) =>
  host.provision(await applyRequest(declared, more));

/** The plan for what is on the host now. */
async function planned(
  declared: ReturnType<typeof declare>,
  { credential }: Apply = {},
): Promise<PlanRow> {
  const { service } = declared.descriptor;
  const { report } = await host.provision(requestFor('observe', service));
  const fingerprint = credential && fingerprintCredential(credential, FINGERPRINT_KEY);
  const [row] = planProvision({
    service,
    declared,
    ...(fingerprint !== undefined && { fingerprint }),
    hosts: [{ host: host.name, report }],
  });
  if (row === undefined) throw new Error('no row');
  return row;
}

const property = async (service: string, name: string) =>
  (await host.sh(`systemctl show -p ${name} --value wardnet-${service}`)).trim();

/** Starts it, as a deployment would, and says which process became the service. */
async function started(service: string): Promise<string> {
  await host.sh(`systemctl start wardnet-${service}`);
  const pid = await property(service, 'MainPID');
  await until(`${service} runs as its user`, async () => {
    const { stdout } = await host.try(`tr '\\0' ' ' </proc/${pid}/cmdline`);
    return stdout.includes('/bin/start');
  }).catch(async (error) => {
    throw new Error(await host.sh(`journalctl -u wardnet-${service} --no-pager`), { cause: error });
  });
  return pid;
}

const environmentOf = async (pid: string) =>
  Object.fromEntries(
    (await host.sh(`base64 -w0 /proc/${pid}/environ`).then((text) => Buffer.from(text, 'base64')))
      .toString()
      .split('\0')
      .filter((pair) => pair !== '')
      .map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]),
  );

describe('a host that has nothing', () => {
  const bare = declare('bare');

  it('says so, and which key it can decrypt with', async () => {
    const { report, code } = await host.provision(requestFor('observe', 'bare'));

    expect(code).toBe(0);
    expect(report).toMatchObject({ state: 'absent', missing: [], changed: [] });
    expect(report.parts['/etc/wardnet/services/bare/descriptor.yaml']).toBeUndefined();
    expect(`${report.hostKey}`).toBe(
      (await host.sh('cut -d " " -f 1,2 /etc/ssh/ssh_host_ed25519_key.pub')).trim(),
    );
  });

  it('gets all of it, with owners and modes, and starts nothing', async () => {
    expect(await planned(bare)).toMatchObject({ action: 'create' });

    const { report, code } = await apply(bare);

    expect([code, report.state]).toEqual([0, 'present']);
    expect(await planned(bare)).toMatchObject({ action: 'none', changes: [] });
    expect(
      (
        await host.sh(`stat -c '%n %U:%G %a' /srv/wardnet/bare /srv/wardnet/bare/data \
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
    expect(await host.sh('getent passwd wardnet-bare')).toMatch(
      /^wardnet-bare:x:\d+:\d+::\/srv\/wardnet\/bare\/data:\/usr\/sbin\/nologin$/m,
    );
    await host.sh('systemd-analyze verify /etc/systemd/system/wardnet-bare.service');
  });

  it('has nothing to start before the first deployment, which is no failure', async () => {
    await host.sh('systemctl start wardnet-bare');

    expect(await property('bare', 'ActiveState')).toBe('inactive');
    expect(await property('bare', 'ConditionResult')).toBe('no');
  });
});

describe('a service with secrets', () => {
  const credential = credentialOf('orders');
  const orders = declare('orders', {
    port: 8080,
    arguments: ['--queue', '', 'a b', '$(touch /canary)', '"`id`"\n', 'ü'],
    variables: { LOG_LEVEL: 'info', NULL: '', MOTTO: '%h "x" \'y\'\n$HOME\n' },
    secrets: { DATABASE: '/wardnet/prod/orders/database', TOKEN: '/wardnet/prod/orders/token' },
  });

  beforeAll(async () => {
    store.parameters.set('/wardnet/prod/orders/database', SECRET);
    store.parameters.set('/wardnet/prod/orders/token', 'plain-secret-4711');
    expect((await apply(orders, { hostKey, credential })).report).toMatchObject({
      state: 'present',
    });
    await deployRelease(host, 'orders');
  });

  it('has a credential that the host’s age opens, that root alone may read', async () => {
    const path = hostPlaces(ServiceName.parse('orders')).credential;

    expect(JSON.parse(await host.sh(`age -d -i /etc/ssh/ssh_host_ed25519_key ${path}`))).toEqual(
      credential,
    );
    expect(await host.sh(`stat -c '%U:%G %a' ${path}`)).toBe('root:root 600\n');
  });

  it('runs as its user, without a capability, with its secrets and arguments, in its release', async () => {
    const pid = await started('orders');

    const environment = await environmentOf(pid);
    expect(environment).toMatchObject({
      DATABASE: SECRET,
      TOKEN: 'plain-secret-4711',
      LOG_LEVEL: 'info',
      NULL: '',
      MOTTO: '%h "x" \'y\'\n$HOME\n',
      PORT: '8080',
      HOME: '/srv/wardnet/orders/data',
      USER: 'wardnet-orders',
    });
    expect(Object.keys(environment)).not.toEqual(expect.arrayContaining(['keys']));
    const words = Buffer.from(await host.sh(`base64 -w0 /proc/${pid}/cmdline`), 'base64');
    expect(words.toString().split('\0').slice(1, -1)).toEqual([
      '/srv/wardnet/orders/releases/v1/bin/start',
      ...orders.descriptor.arguments,
    ]);
    const status = await host.sh(`cat /proc/${pid}/status`);
    const uid = (await host.sh('id -u wardnet-orders')).trim();
    expect(status).toMatch(new RegExp(`^Uid:\\s+${uid}\\s+${uid}\\s+${uid}\\s+${uid}$`, 'm'));
    expect(status).toMatch(/^CapEff:\s+0+$/m);
    expect(status).toMatch(/^CapBnd:\s+0+$/m);
    expect(status).toMatch(/^NoNewPrivs:\s+1$/m);
    expect(await host.sh(`${AS_ORDERS} readlink /proc/${pid}/cwd`)).toBe(
      '/srv/wardnet/orders/releases/v1\n',
    );
    expect(store.asked.at(-1)?.by).toBe(credential.accessKeyId);
  });

  it('shows its secrets to nobody: no log, no journal, no ps, no systemctl show, no file', async () => {
    const pid = await started('orders');
    await host.sh('systemctl restart wardnet-orders; systemctl start wardnet-orders; sync');

    const shown = await Promise.all([
      host.sh('journalctl --no-pager -o export --all | base64 -w0'),
      host.sh('systemctl show wardnet-orders | base64 -w0'),
      host.sh('setpriv --reuid nobody --clear-groups ps axeww -o args | base64 -w0'),
      host.sh('cat /var/log/conveyor/* /var/lib/conveyor/*/* | base64 -w0'),
    ]);
    const texts = shown.map((text) => Buffer.from(text, 'base64').toString());
    expect(texts[0]).toContain('wardnet-orders');
    for (const text of texts)
      for (const secret of ['plain-secret-4711', 'a "secret"', credential.secretAccessKey])
        expect(text).not.toContain(secret);
    const { stdout: files } = await host.try(
      'grep -rlE "plain-secret-4711|of/the/credential" /etc /run /srv /tmp /usr/local /var --exclude-dir=docker',
    );
    expect(files).toBe('');
    expect(
      (await host.try(`setpriv --reuid nobody --clear-groups cat /proc/${pid}/environ`)).code,
    ).not.toBe(0);
    expect((await host.try('test -e /canary')).code).toBe(1);
  });

  it('writes its data and nothing else, not even its own folder', async () => {
    const tries = [
      ...['touch /srv/wardnet/writer/data/mine', 'touch /srv/wardnet/writer/x', 'touch /etc/x'],
      ...['touch /srv/wardnet/writer/releases/x', 'touch releases/v1/x', 'touch /usr/local/x'],
      ...[
        'mv /srv/wardnet/writer/current /srv/wardnet/writer/old',
        'touch /srv/wardnet/orders/data/x',
      ],
      ...['cat /etc/ssh/ssh_host_ed25519_key', 'cat /srv/wardnet/orders/data'],
    ];
    await apply(declare('writer'));
    await deployRelease(
      host,
      'writer',
      `#!/bin/sh\n${tries.map((one) => `${one} && echo '${one}' >>"$HOME/could"`).join('\n')}\n: >"$HOME/done"\nsleep 100000 & wait $!\n`,
    );

    await host.sh('systemctl start wardnet-writer');

    await until(
      'it has tried',
      async () => (await host.try('test -e /srv/wardnet/writer/data/done')).code === 0,
    );
    expect(await host.sh('cat /srv/wardnet/writer/data/could')).toBe(`${tries[0]}\n`);
  });

  it('changes nothing when it is provisioned again, and restarts nothing', async () => {
    await started('orders');
    const before = [await host.sh(LISTING), await property('orders', 'InvocationID')];
    const kept = await applyRequest(orders, { restart: true });

    const { report } = await host.provision(kept);

    expect(report).toMatchObject({ state: 'present', changed: [], restarted: false });
    expect([await host.sh(LISTING), await property('orders', 'InvocationID')]).toEqual(before);
    expect(await planned(orders, { credential })).toMatchObject({ action: 'none', seal: false });
  });

  it('is sealed anew for another credential or another key, and for nothing else', async () => {
    const other = { ...credential, secretAccessKey: 'another/secret/key/of/the/same/length' };

    expect(await planned(orders, { credential: other })).toMatchObject({
      action: 'change',
      seal: true,
      changes: [{ part: hostPlaces(ServiceName.parse('orders')).credential, change: 'content' }],
    });
    expect(await planned(orders)).toMatchObject({ seal: false, changes: [{ change: 'remove' }] });
  });

  it('takes up a changed descriptor at its next start, without a restart', async () => {
    await started('orders');
    const before = await property('orders', 'InvocationID');
    const louder = declare('orders', { ...orders.descriptor, variables: { LOG_LEVEL: 'debug' } });

    const { report } = await apply(louder, { restart: true });

    expect(report).toMatchObject({
      state: 'present',
      changed: ['descriptor.yaml'],
      restarted: false,
    });
    expect(await property('orders', 'InvocationID')).toBe(before);
    await host.sh('systemctl restart wardnet-orders');
    expect(await environmentOf(await started('orders'))).toMatchObject({ LOG_LEVEL: 'debug' });
    await apply(orders);
  });

  it('starts when SSM comes back, and says what was missing meanwhile, by its name', async () => {
    await host.sh('systemctl stop wardnet-orders');
    store.parameters.delete('/wardnet/prod/orders/token');
    await host.sh('systemctl start wardnet-orders');
    await until(
      'the bootstrap has given up once',
      async () =>
        (await property('orders', 'NRestarts')) !== '0' ||
        (await property('orders', 'ActiveState')) === 'activating',
    );
    expect(await host.sh('journalctl -u wardnet-orders -n 50 --no-pager')).toContain(
      'SSM has no parameter /wardnet/prod/orders/token that this host may read',
    );

    store.parameters.set('/wardnet/prod/orders/token', 'plain-secret-4711');

    await until('it runs', async () => {
      const pid = await property('orders', 'MainPID');
      const { stdout } = await host.try(`tr '\\0' ' ' </proc/${pid}/cmdline`);
      return stdout.includes('/bin/start');
    });
  });
});

describe('a unit that changes', () => {
  const jobs = declare('jobs');
  const slower = declare('jobs', {}, { stopSeconds: 7 });

  beforeAll(async () => {
    await apply(jobs);
    await deployRelease(host, 'jobs');
    await started('jobs');
  });

  it('is reloaded; its process goes on until somebody asks for the restart', async () => {
    const before = await property('jobs', 'InvocationID');
    expect((await planned(slower)).changes.map(({ change }) => change)).toEqual([
      'content',
      'restart',
    ]);

    const { report } = await apply(slower);

    expect(report).toMatchObject({ state: 'present', restarted: false, restartPending: true });
    expect(report.changed).toEqual(['wardnet-jobs.service', 'daemon-reload']);
    expect(await property('jobs', 'InvocationID')).toBe(before);
    expect(await property('jobs', 'TimeoutStopUSec')).toBe('7s');

    const { report: after } = await apply(slower, { restart: true });

    expect(after).toMatchObject({ state: 'present', restarted: true, restartPending: false });
    expect(await property('jobs', 'InvocationID')).not.toBe(before);
    expect((await apply(slower, { restart: true })).report.restarted).toBe(false);
  });

  it('is not restarted for it once somebody else did', async () => {
    await apply(jobs);
    await host.sh('systemctl restart wardnet-jobs');
    const before = await property('jobs', 'InvocationID');

    const { report } = await apply(jobs, { restart: true });

    expect(report).toMatchObject({ restarted: false, restartPending: false });
    expect(await property('jobs', 'InvocationID')).toBe(before);
  });

  it('is put back after a change by hand, of the file, its mode or its being enabled', async () => {
    await host.sh(`chmod 0664 /etc/systemd/system/wardnet-jobs.service
      echo 'User=root' >>/etc/systemd/system/wardnet-jobs.service; systemctl disable wardnet-jobs`);
    expect((await planned(jobs)).changes.map(({ change }) => change)).toEqual(
      expect.arrayContaining(['content', 'enable']),
    );

    await apply(jobs);

    const changes = [{ part: 'unit', change: 'restart' }];
    expect(await planned(jobs)).toMatchObject({ action: 'change', changes });
    await host.sh('systemctl restart wardnet-jobs');
    expect(await planned(jobs)).toMatchObject({ action: 'none' });
  });
});

describe('a service that is removed', () => {
  it('is stopped; its data and its user stay, and the host says so', async () => {
    const gone = declare('gone');
    await apply(gone, { hostKey, credential: credentialOf('gone') });
    await deployRelease(host, 'gone');
    await host.sh('echo kept >/srv/wardnet/gone/data/file; systemctl start wardnet-gone');

    const { report, code } = await host.provision(requestFor('remove', 'gone'));

    expect([code, report.state]).toEqual([0, 'absent']);
    expect(report.reason).toBe(
      'removed; its data in /srv/wardnet/gone and its user wardnet-gone are left',
    );
    expect(
      await host.sh(
        'cat /srv/wardnet/gone/data/file; id -un wardnet-gone; readlink /srv/wardnet/gone/current',
      ),
    ).toBe('kept\nwardnet-gone\nreleases/v1\n');
    expect(await host.sh('find /etc /var/lib/conveyor /run/systemd -name "*gone*" | sort')).toBe(
      '/var/lib/conveyor/gone\n',
    );
    expect(await property('gone', 'LoadState')).toBe('not-found');
    expect((await host.provision(requestFor('remove', 'gone'))).report.changed).toEqual([]);
    expect(await planned(gone)).toMatchObject({ action: 'create' });
  });
});

describe('many names', () => {
  it('of forty characters fit all over: user, unit, one line of report', async () => {
    const service = `${'a'.repeat(39)}z`;
    const { user } = hostPlaces(ServiceName.parse(service));

    const { report } = await apply(declare(service), {
      hostKey,
      credential: credentialOf(service),
    });

    expect(report).toMatchObject({ state: 'present', user });
    expect(await host.sh(`id -un ${user}`)).toBe(`${user}\n`);
  });

  it('of a user that is somebody else’s are left alone', async () => {
    await host.sh('useradd --system --home-dir /var/lib/theirs wardnet-theirs');

    const { report } = await apply(declare('theirs'));

    expect(report).toMatchObject({ state: 'failed' });
    expect(report.reason).toContain('it is not this service’s'.replace('’', "'"));
  });
});

describe('a role instead of a credential', () => {
  it('fetches secrets, more than ten of them, by the instance’s role', async () => {
    const names = Array.from({ length: 23 }, (_, at) => `/wardnet/prod/many/${at}`);
    for (const name of names) store.parameters.set(name, `value of ${name}`);
    const many = declare('many', {
      secrets: Object.fromEntries(names.map((name, at) => [`SECRET_${at}`, name])),
    });
    await apply(many);
    await deployRelease(host, 'many');
    store.asked.length = 0;

    const environment = await environmentOf(await started('many'));

    expect(environment).toMatchObject({
      SECRET_0: `value of ${names[0]}`,
      SECRET_22: `value of ${names[22]}`,
    });
    expect(store.asked.map(({ by, names: asked }) => [by, asked.length])).toEqual([
      [ROLE.accessKeyId, 10],
      [ROLE.accessKeyId, 10],
      [ROLE.accessKeyId, 3],
    ]);
  });
});
