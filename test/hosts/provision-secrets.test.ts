import { beforeAll, describe, expect, it } from 'vitest';
import { ServiceName } from '../../lambdas/domain/names.ts';
import { hostPlaces } from '../../lambdas/provision/host-places.ts';
import { ROLE } from './provision-aws.ts';
import { applyRequest, credentialOf, declare } from './provision-declared.ts';
import { useProvisionDesk } from './provision-desk.ts';
import { deployRelease, LISTING, until } from './provision-host.ts';

const desk = useProvisionDesk();
const SECRET = 'a "secret" of\n\'many\' $(touch /canary) `touch /canary` {{ssm:/x}} % lines — ü\n';

const AS_ORDERS = 'setpriv --reuid wardnet-orders --regid wardnet-orders --clear-groups';

describe('a service with secrets', () => {
  const credential = credentialOf('orders');
  const orders = declare('orders', {
    port: 8080,
    arguments: ['--queue', '', 'a b', '$(touch /canary)', '"`id`"\n', 'ü'],
    variables: { LOG_LEVEL: 'info', NULL: '', MOTTO: '%h "x" \'y\'\n$HOME\n' },
    secrets: { DATABASE: '/wardnet/prod/orders/database', TOKEN: '/wardnet/prod/orders/token' },
  });

  beforeAll(async () => {
    desk.store.parameters.set('/wardnet/prod/orders/database', SECRET);
    desk.store.parameters.set('/wardnet/prod/orders/token', 'plain-secret-4711');
    expect((await desk.apply(orders, { hostKey: desk.hostKey, credential })).report).toMatchObject({
      state: 'present',
    });
    await deployRelease(desk.host, 'orders');
  });

  it('has a credential that the host’s age opens, that root alone may read', async () => {
    const path = hostPlaces(ServiceName.parse('orders')).credential;

    expect(
      JSON.parse(await desk.host.sh(`age -d -i /etc/ssh/ssh_host_ed25519_key ${path}`)),
    ).toEqual(credential);
    expect(await desk.host.sh(`stat -c '%U:%G %a' ${path}`)).toBe('root:root 600\n');
  });

  it('runs as its user, without a capability, with its secrets and arguments, in its release', async () => {
    const pid = await desk.started('orders');

    const environment = await desk.environmentOf(pid);
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
    const words = Buffer.from(await desk.host.sh(`base64 -w0 /proc/${pid}/cmdline`), 'base64');
    expect(words.toString().split('\0').slice(1, -1)).toEqual([
      '/srv/wardnet/orders/releases/v1/bin/start',
      ...orders.descriptor.arguments,
    ]);
    const status = await desk.host.sh(`cat /proc/${pid}/status`);
    const uid = (await desk.host.sh('id -u wardnet-orders')).trim();
    expect(status).toMatch(new RegExp(`^Uid:\\s+${uid}\\s+${uid}\\s+${uid}\\s+${uid}$`, 'm'));
    expect(status).toMatch(/^CapEff:\s+0+$/m);
    expect(status).toMatch(/^CapBnd:\s+0+$/m);
    expect(status).toMatch(/^NoNewPrivs:\s+1$/m);
    expect(await desk.host.sh(`${AS_ORDERS} readlink /proc/${pid}/cwd`)).toBe(
      '/srv/wardnet/orders/releases/v1\n',
    );
    expect(desk.store.asked.at(-1)?.by).toBe(credential.accessKeyId);
  });

  it('shows its secrets to nobody: no log, no journal, no ps, no systemctl show, no file', async () => {
    const pid = await desk.started('orders');
    await desk.host.sh('systemctl restart wardnet-orders; systemctl start wardnet-orders; sync');

    const shown = await Promise.all([
      desk.host.sh('journalctl --no-pager -o export --all | base64 -w0'),
      desk.host.sh('systemctl show wardnet-orders | base64 -w0'),
      desk.host.sh('setpriv --reuid nobody --clear-groups ps axeww -o args | base64 -w0'),
      desk.host.sh('cat /var/log/conveyor/* /var/lib/conveyor/*/* | base64 -w0'),
    ]);
    const texts = shown.map((text) => Buffer.from(text, 'base64').toString());
    expect(texts[0]).toContain('wardnet-orders');
    for (const text of texts)
      for (const secret of ['plain-secret-4711', 'a "secret"', credential.secretAccessKey])
        expect(text).not.toContain(secret);
    const { stdout: files } = await desk.host.try(
      'grep -rlE "plain-secret-4711|of/the/credential" /etc /run /srv /tmp /usr/local /var --exclude-dir=docker',
    );
    expect(files).toBe('');
    expect(
      (await desk.host.try(`setpriv --reuid nobody --clear-groups cat /proc/${pid}/environ`)).code,
    ).not.toBe(0);
    expect((await desk.host.try('test -e /canary')).code).toBe(1);
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
    await desk.apply(declare('writer'));
    await deployRelease(
      desk.host,
      'writer',
      `#!/bin/sh\n${tries.map((one) => `${one} && echo '${one}' >>"$HOME/could"`).join('\n')}\n: >"$HOME/done"\nsleep 100000 & wait $!\n`,
    );

    await desk.host.sh('systemctl start wardnet-writer');

    await until(
      'it has tried',
      async () => (await desk.host.try('test -e /srv/wardnet/writer/data/done')).code === 0,
    );
    expect(await desk.host.sh('cat /srv/wardnet/writer/data/could')).toBe(`${tries[0]}\n`);
  });

  it('changes nothing when it is provisioned again, and restarts nothing', async () => {
    await desk.started('orders');
    const before = [await desk.host.sh(LISTING), await desk.property('orders', 'InvocationID')];
    const kept = await applyRequest(orders, { restart: true });

    const { report } = await desk.host.provision(kept);

    expect(report).toMatchObject({ state: 'present', changed: [], restarted: false });
    expect([await desk.host.sh(LISTING), await desk.property('orders', 'InvocationID')]).toEqual(
      before,
    );
    expect(await desk.planned(orders, { credential })).toMatchObject({
      action: 'none',
      seal: false,
    });
  });

  it('is sealed anew for another credential or another key, and for nothing else', async () => {
    const other = { ...credential, secretAccessKey: 'another/secret/key/of/the/same/length' };

    expect(await desk.planned(orders, { credential: other })).toMatchObject({
      action: 'change',
      seal: true,
      changes: [{ part: hostPlaces(ServiceName.parse('orders')).credential, change: 'content' }],
    });
    expect(await desk.planned(orders)).toMatchObject({
      seal: false,
      changes: [{ change: 'remove' }],
    });
  });

  it('takes up a changed descriptor at its next start, without a restart', async () => {
    await desk.started('orders');
    const before = await desk.property('orders', 'InvocationID');
    const louder = declare('orders', { ...orders.descriptor, variables: { LOG_LEVEL: 'debug' } });

    const { report } = await desk.apply(louder, { restart: true });

    expect(report).toMatchObject({
      state: 'present',
      changed: ['descriptor.yaml'],
      restarted: false,
    });
    expect(await desk.property('orders', 'InvocationID')).toBe(before);
    await desk.host.sh('systemctl restart wardnet-orders');
    expect(await desk.environmentOf(await desk.started('orders'))).toMatchObject({
      LOG_LEVEL: 'debug',
    });
    await desk.apply(orders);
  });

  it('starts when SSM comes back, and says what was missing meanwhile, by its name', async () => {
    await desk.host.sh('systemctl stop wardnet-orders');
    desk.store.parameters.delete('/wardnet/prod/orders/token');
    await desk.host.sh('systemctl start wardnet-orders');
    await until(
      'the bootstrap has given up once',
      async () =>
        (await desk.property('orders', 'NRestarts')) !== '0' ||
        (await desk.property('orders', 'ActiveState')) === 'activating',
    );
    expect(await desk.host.sh('journalctl -u wardnet-orders -n 50 --no-pager')).toContain(
      'SSM has no parameter /wardnet/prod/orders/token that this host may read',
    );

    desk.store.parameters.set('/wardnet/prod/orders/token', 'plain-secret-4711');

    await until('it runs', async () => {
      const pid = await desk.property('orders', 'MainPID');
      const { stdout } = await desk.host.try(`tr '\\0' ' ' </proc/${pid}/cmdline`);
      return stdout.includes('/bin/start');
    });
  });
});

describe('a role instead of a credential', () => {
  it('fetches secrets, more than ten of them, by the instance’s role', async () => {
    const names = Array.from({ length: 23 }, (_, at) => `/wardnet/prod/many/${at}`);
    for (const name of names) desk.store.parameters.set(name, `value of ${name}`);
    const many = declare('many', {
      secrets: Object.fromEntries(names.map((name, at) => [`SECRET_${at}`, name])),
    });
    await desk.apply(many);
    await deployRelease(desk.host, 'many');
    desk.store.asked.length = 0;

    const environment = await desk.environmentOf(await desk.started('many'));

    expect(environment).toMatchObject({
      SECRET_0: `value of ${names[0]}`,
      SECRET_22: `value of ${names[22]}`,
    });
    expect(desk.store.asked.map(({ by, names: asked }) => [by, asked.length])).toEqual([
      [ROLE.accessKeyId, 10],
      [ROLE.accessKeyId, 10],
      [ROLE.accessKeyId, 3],
    ]);
  });
});
