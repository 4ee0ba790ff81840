import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Part, renderParts } from '../../lambdas/provision/render-parts.ts';
import { applyRequest, credentialOf, declare, requestFor } from './provision-declared.ts';
import { deployRelease, type Host, startHost } from './provision-host.ts';

let host: Host;

beforeAll(async () => {
  host = await startHost('http://host.docker.internal:9');
});
afterAll(async () => {
  await host?.remove();
});

const encode = (request: object) => Buffer.from(JSON.stringify(request)).toString('base64');
const HOSTILE = [
  ['quotes', `'"; touch /canary; "'`],
  ['a line break', 'orders\ntouch /canary'],
  ['a substitution', '$(touch /canary)'],
  ['backquotes', '`touch /canary`'],
  ['a reference of SSM', '{{ssm:/wardnet/prod/secret}}'],
  ['unicode', 'ördérs\u2028'],
  ['a path', '../../etc'],
] as const;
const asked = { schema: 1, kind: 'systemd', environment: 'prod', promotion: 'x', parts: [] };

describe('a request with', () => {
  it.each(HOSTILE)('%s for a service is refused', async (_, service) => {
    for (const action of ['observe', 'apply', 'remove']) {
      const { code, report } = await host.provision(encode({ ...asked, action, service }));
      expect([code, report.state]).toEqual([1, 'refused']);
    }
  });

  it.each(HOSTILE)('%s for an action, a restart, a promotion is refused', async (_, text) => {
    const right = { ...asked, service: 'orders', action: 'observe' };
    for (const wrong of [{ action: text }, { restart: text }, { promotion: `${text} ` }])
      expect((await host.provision(encode({ ...right, ...wrong }))).report.state).toBe('refused');
  });

  const [folder, , , , descriptor, unit] = renderParts(declare('orders'));
  it.each<[string, object]>([
    ['another service’s unit', { ...unit, path: '/etc/systemd/system/wardnet-billing.service' }],
    ['a unit of the system', { ...unit, path: '/etc/systemd/system/ssh.service' }],
    [
      'a way out of its folder',
      { ...descriptor, path: '/etc/wardnet/services/orders/../../../passwd' },
    ],
    [
      'another service’s descriptor',
      { ...descriptor, path: '/etc/wardnet/services/billing/descriptor.yaml' },
    ],
    [
      'a line break in a path',
      { ...descriptor, path: '/etc/wardnet/services/orders/a.yaml\n/etc/x' },
    ],
    ['a file of the release', { ...descriptor, path: '/srv/wardnet/orders/releases/v1' }],
    ['the folder of releases', { ...folder, path: '/srv/wardnet/orders/releases' }],
    ['what runs', { ...folder, path: '/srv/wardnet/orders/current' }],
    ['somebody else’s folder', { ...folder, owner: 'nobody' }],
    ['a file of the service’s own below /etc', { ...descriptor, owner: 'wardnet-orders' }],
    ['a mode that lets others write', { ...descriptor, mode: '0666' }],
    ['a mode with setuid', { ...unit, mode: '4755' }],
    [
      'a credential that others may read',
      { ...descriptor, path: '/etc/wardnet/services/orders/credential.age' },
    ],
    ['content that is no base64', { ...descriptor, contentBase64: '$(touch /canary)' }],
    ['a kind that there is not', { ...descriptor, kind: 'link' }],
    ['a unit to take away', { kind: 'absent', path: '/etc/systemd/system/wardnet-orders.service' }],
    ['data to take away', { kind: 'absent', path: '/srv/wardnet/orders/data' }],
    ['no path', { kind: 'absent' }],
    ['no part at all', ['x']],
  ])('%s is refused whole: nothing of it is made', async (_, part) => {
    const parts = [...renderParts(declare('orders')), part];

    const { code, report } = await host.provision(
      encode({ ...asked, action: 'apply', service: 'orders', parts }),
    );

    expect([code, report.state]).toEqual([1, 'refused']);
    expect(report.reason).toMatch(/^part 7 of the request/);
    expect(report.parts).toEqual({});
    expect((await host.try('id wardnet-orders')).code).toBe(1);
  });

  it.each([
    '',
    'A===',
    Buffer.from('[]').toString('base64'),
    Buffer.from('{}{}').toString('base64'),
    Buffer.from('\0').toString('base64'),
  ])('nothing that can be read (%j) is refused', async (request) => {
    expect((await host.provision(request)).report.state).toBe('refused');
  });

  it('no credential of this host’s is refused before anything is replaced', async () => {
    const { report: seen } = await host.provision(requestFor('observe', 'sealed'));
    if (seen.hostKey === undefined) throw new Error(seen.reason);
    const declared = declare('sealed');
    const credential = credentialOf('sealed');
    const right = { hostKey: seen.hostKey, credential };
    await host.provision(await applyRequest(declared, right));
    const before = await host.sh('sha256sum /etc/wardnet/services/sealed/*');
    const garbled = {
      kind: 'file',
      path: '/etc/wardnet/services/sealed/credential.age',
      owner: 'root',
      group: 'root',
      mode: '0600',
      contentBase64: 'YWdl',
    } satisfies Part;

    const { code, report } = await host.provision(
      await applyRequest(declared, { parts: [...renderParts(declared), garbled] }),
    );

    expect([code, report.state]).toEqual([1, 'failed']);
    expect(report.reason).toContain("not sealed to this host's key");
    expect(await host.sh('sha256sum /etc/wardnet/services/sealed/*')).toBe(before);
    expect(await host.sh("find /etc -name '*.new'")).toBe('');
  });

  it('never made the canary', async () => {
    expect((await host.try('test -e /canary')).code).toBe(1);
  });
});

describe('a service that plants links in its own folder', () => {
  it('gets nothing of anybody else’s by them', async () => {
    await host.provision(await applyRequest(declare('sly')));
    const before = await host.sh("stat -c '%U %a' /etc/profile.d");
    await host.sh('rmdir /srv/wardnet/sly/data; ln -s /etc/profile.d /srv/wardnet/sly/data');

    const { report } = await host.provision(await applyRequest(declare('sly')));

    expect(report.state).toBe('failed');
    expect(report.reason).toBe('/srv/wardnet/sly/data is there, and is no directory');
    expect(await host.sh("stat -c '%U %a' /etc/profile.d")).toBe(before);
  });
});

describe('a descriptor that somebody wrote by hand', () => {
  it.each([
    ['an anchor', 's/^arguments:.*/arguments: \\&a [x]/'],
    ['a plain text', 's/^command:.*/command: bin\\/start/'],
    ['a key twice', '$ s/$/\\nuser: "root"/'],
    ['another user', 's/^user:.*/user: "root"/'],
    ['another service', 's/^service:.*/service: "other"/'],
    ['a way out of the release', 's/^command:.*/command: "..\\/..\\/bin\\/sh"/'],
    ['a variable of the loader', 's/^variables:.*/variables:\\n  LD_PRELOAD: "\\/tmp\\/x"/'],
  ])('in another way, with %s, starts nothing and is said to be wrong', async (_, edit) => {
    await host.provision(await applyRequest(declare('handy')));
    await deployRelease(host, 'handy');
    await host.sh(`sed -i '${edit}' /etc/wardnet/services/handy/descriptor.yaml`);

    const ran = await host.try('/usr/local/lib/conveyor/bootstrap handy');

    expect(ran.code).toBe(78);
    expect(ran.stderr).toMatch(
      /descriptor\.yaml (cannot be read|does not say what a service needs)/,
    );
  });
});

describe('a host without an SSH key', () => {
  it('makes an age identity when it is first looked at, and keeps it', async () => {
    await host.sh('mkdir /root/keys; mv /etc/ssh/ssh_host_* /root/keys/');

    const [one, two] = await Promise.all(
      ['keyed', 'other'].map((service) => host.provision(requestFor('observe', service))),
    );

    const key = one?.report.hostKey;
    expect(key).toMatch(/^age1/);
    expect(two?.report.hostKey).toBe(key);
    expect(await host.sh("stat -c '%U:%G %a' /etc/conveyor/host.agekey; ls -A /etc/conveyor")).toBe(
      'root:root 600\nhost.agekey\n',
    );
    await host.sh('mv /root/keys/* /etc/ssh/');
    expect((await host.provision(requestFor('observe', 'keyed'))).report.hostKey).toBe(key);
    if (key === undefined) throw new Error('no key');
    const credential = credentialOf('keyed');
    await host.provision(await applyRequest(declare('keyed'), { hostKey: key, credential }));
    expect(
      JSON.parse(
        await host.sh(
          'age -d -i /etc/conveyor/host.agekey /etc/wardnet/services/keyed/credential.age',
        ),
      ),
    ).toEqual(credential);
    expect(await host.sh('cat /var/log/conveyor/*.log')).not.toContain('AGE-SECRET-KEY');
  });

  it('that cannot decrypt says which command it lacks, and changes nothing', async () => {
    await host.sh('mv /usr/bin/age /usr/bin/age-away');

    const { report: seen } = await host.provision(requestFor('observe', 'lacking'));
    const { report, code } = await host.provision(await applyRequest(declare('lacking')));
    await host.sh('mv /usr/bin/age-away /usr/bin/age');

    expect(seen.missing).toEqual(['age']);
    expect([code, report.state]).toEqual([1, 'failed']);
    expect(report.reason).toContain('missing on this host: age');
    expect((await host.try('id wardnet-lacking')).code).toBe(1);
  });
});

describe('an agent that sets no variable', () => {
  it('puts the request into the script, which takes it the same', async () => {
    const request = requestFor('observe', 'older');
    await host.sh(`sed 's|{{ Request }}|${request}|' /opt/provision.sh >/opt/older.sh`);

    const { stdout } = await host.try('sh /opt/older.sh');

    expect(JSON.parse(stdout)).toMatchObject({ service: 'older', state: 'absent' });
  });
});
