import { createHash } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { HostKey } from '../../lambdas/provision/host-key.ts';
import { type Part, renderParts } from '../../lambdas/provision/render-parts.ts';
import { effort } from '../effort.ts';
import { killInLanes, LEAST_CHANGED, makeKillable, printPoints, someOf } from './kill-desk.ts';
import { applyRequest, credentialOf, declare, requestFor } from './provision-declared.ts';
import { deployRelease, type Host, SCRIPT, startHost } from './provision-host.ts';

const KILLABLE = makeKillable(SCRIPT);
/** Milliseconds for one test, some ten seconds a kill. */
const TIME = effort(300_000, 7_200_000);

let host: Host;
let hostKey: HostKey;

beforeAll(async () => {
  host = await startHost('http://host.docker.internal:9');
  const { report } = await host.provision(requestFor('observe', 'steady'));
  if (report.hostKey === undefined) throw new Error(report.reason);
  hostKey = report.hostKey;
  await host.sh('cat >/opt/killable.sh', KILLABLE.text);
});
afterAll(async () => {
  await host?.remove();
});

const property = async (service: string, name: string) =>
  (await host.sh(`systemctl show -p ${name} --value wardnet-${service}`)).trim();

/** Every file that is there is whole: what is declared, or what was there before. */
async function expectNothingHalf(service: string, ...wholes: readonly (readonly Part[])[]) {
  const { report } = await host.provision(requestFor('observe', service));
  for (const [path, { kind, sha256 }] of Object.entries(report.parts)) {
    if (kind !== 'file' || path.endsWith('credential.age')) continue;
    const allowed = wholes.map((parts) => contentHash(parts, path));
    expect(allowed, path).toContain(sha256);
  }
}

function contentHash(parts: readonly Part[], path: string): string | undefined {
  const part = parts.find((one) => one.path === path);
  return part?.kind === 'file'
    ? createHash('sha256').update(Buffer.from(part.contentBase64, 'base64')).digest('hex')
    : undefined;
}

/** A service that is there with its credential, and runs. */
async function startService(service: string) {
  await host.provision(
    await applyRequest(declare(service), { hostKey, credential: credentialOf(service) }),
  );
  await deployRelease(host, service);
  await host.sh(`systemctl start wardnet-${service}`);
}

/** The points that the script passes with that request. */
async function pointsOf(request: string): Promise<readonly number[]> {
  await host.sh('rm -f /tmp/points');
  const { code } = await host.try('sh /opt/killable.sh', {
    SSM_Request: request,
    POINTS: '/tmp/points',
  });
  expect(code).toBe(0);
  return (await host.sh(printPoints('/tmp/points'))).trim().split('\n').map(Number);
}

/** Kills the script there; what it had started may still be at work, and holds the lock. */
async function killAt(point: number, service: string, request: string): Promise<boolean> {
  const { code } = await host.try('exec sh /opt/killable.sh', {
    SSM_Request: request,
    KILL_AT: `${point}`,
  });
  await host.sh(`lock=/run/conveyor/${service}.lock; [ ! -e $lock ] || flock -w 60 $lock true`);
  return code === 137;
}

/** Everything that provisioning changes for a service. */
const stateOf = (service: string) =>
  host.sh(`for folder in /etc /srv/wardnet /usr/local/lib/conveyor /var/lib/conveyor; do
      find $folder -path '*${service}*' -printf '%p %i %m %u %s %T@ %l\\n'
    done | sort
    id wardnet-${service} || :
    systemctl show -p InvocationID,LoadState,NeedDaemonReload,TimeoutStopUSec wardnet-${service}
    systemctl is-enabled wardnet-${service} || :`);

it(
  'ends as declared when it was killed anywhere and is run again; others go on meanwhile',
  async () => {
    await startService('steady');
    const steady = await property('steady', 'InvocationID');
    const applying = async (service: string) =>
      applyRequest(declare(service), { hostKey, credential: credentialOf(service) });
    const points = someOf(SCRIPT, await pointsOf(await applying('traced')), 8);

    const { killed, changed } = await killInLanes(
      points,
      async () => {},
      async (_, point) => {
        const service = `made-${point}`;
        const request = await applying(service);
        const state = await stateOf(service);

        const killed = await killAt(point, service, request);

        if ((await stateOf(service)) === state) return { killed, changed: false };
        await expectNothingHalf(service, renderParts(declare(service)));
        const { report } = await host.provision(request);
        expect(report, `line ${point}`).toMatchObject({
          state: 'present',
          unit: { loaded: 'loaded', enabled: 'enabled', reload: 'no', active: 'inactive' },
          credential: { hostKey },
        });
        expect((await host.provision(request)).report.changed, `line ${point}`).toEqual([]);
        expect(await host.sh(`find /etc /usr/local/lib/conveyor -name '*${service}.new'`)).toBe('');
        return { killed, changed: true };
      },
    );

    expect(killed).toBe(points.length);
    expect(changed).toBeGreaterThan(points.length * LEAST_CHANGED);
    expect(await property('steady', 'InvocationID')).toBe(steady);
  },
  TIME,
);

it(
  'restarts for a changed unit once the change is whole, wherever it was killed',
  async () => {
    await startService('changed');
    const declared = (service: string, stopSeconds: number) =>
      declare(service, {}, { stopSeconds });
    const restarting = async (service: string, stopSeconds: number) =>
      applyRequest(declared(service, stopSeconds), { restart: true });
    const points = someOf(SCRIPT, await pointsOf(await restarting('changed', 20)), 8);
    const open = async (lane: number) => {
      const service = `changed-${lane}`;
      await startService(service);
      await host.provision(await restarting(service, 20));
      return { service, seconds: 20 };
    };

    const { killed, changed } = await killInLanes(points, open, async (lane, point) => {
      const { service } = lane;
      const before = declared(service, lane.seconds);
      const invocation = await property(service, 'InvocationID');
      const seconds = 41 - lane.seconds;
      const now = declared(service, seconds);
      const request = await restarting(service, seconds);
      const state = await stateOf(service);

      const killed = await killAt(point, service, request);

      if ((await stateOf(service)) === state) return { killed, changed: false };
      lane.seconds = seconds;
      await expectNothingHalf(service, renderParts(before), renderParts(now));
      expect(await property(service, 'ActiveState'), `line ${point}`).toBe('active');
      const { report } = await host.provision(request);
      expect(report, `line ${point}`).toMatchObject({ state: 'present', restartPending: false });
      const after = await property(service, 'InvocationID');
      expect(after, `line ${point}`).not.toBe(invocation);
      expect(await property(service, 'TimeoutStopUSec')).toBe(`${seconds}s`);
      expect((await host.provision(request)).report.restarted).toBe(false);
      expect(await property(service, 'InvocationID')).toBe(after);
      return { killed, changed: true };
    });

    expect(killed).toBe(points.length);
    expect(changed).toBeGreaterThan(points.length * LEAST_CHANGED);
  },
  TIME,
);

it(
  'takes all of a removed service away, wherever it was killed',
  async () => {
    await startService('gone');
    const points = someOf(SCRIPT, await pointsOf(requestFor('remove', 'gone')), 6);

    const open = async (lane: number) => ({ lane, made: 0, service: '' });

    const { killed, changed } = await killInLanes(points, open, async (lane, point) => {
      if (lane.service === '') {
        lane.made += 1;
        lane.service = `gone-${lane.lane}-${lane.made}`;
        await startService(lane.service);
      }
      const { service } = lane;
      const state = await stateOf(service);

      const killed = await killAt(point, service, requestFor('remove', service));

      if ((await stateOf(service)) === state) return { killed, changed: false };
      lane.service = '';
      const { report } = await host.provision(requestFor('remove', service));
      expect(report, `line ${point}`).toMatchObject({ state: 'absent' });
      expect(await property(service, 'ActiveState')).toBe('inactive');
      expect(await host.sh(`find /etc -name '*${service}*'; ls /srv/wardnet/${service}`)).toBe(
        'current\ndata\nreleases\n',
      );
      return { killed, changed: true };
    });

    expect(killed).toBe(points.length);
    expect(changed).toBeGreaterThan(points.length * LEAST_CHANGED);
  },
  TIME,
);
