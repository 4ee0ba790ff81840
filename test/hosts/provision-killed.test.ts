import { createHash } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { HostKey } from '../../lambdas/provision/host-key.ts';
import { type Part, renderParts } from '../../lambdas/provision/render-parts.ts';
import { effort } from '../effort.ts';
import { applyRequest, credentialOf, declare, requestFor } from './provision-declared.ts';
import { deployRelease, type Host, startHost } from './provision-host.ts';

/** The first command of provisioning itself; what comes before only reads the request. */
const FIRST = 60;
/** Commands between one kill and the next. */
const STEP = effort(151, 3);
/** Milliseconds for one test, some ten seconds a kill. */
const TIME = effort(300_000, 5_400_000);

let host: Host;
let hostKey: HostKey;

beforeAll(async () => {
  host = await startHost('http://host.docker.internal:9');
  const { report } = await host.provision(requestFor('observe', 'steady'));
  if (report.hostKey === undefined) throw new Error(report.reason);
  hostKey = report.hostKey;
  await host.provision(await applyRequest(declare('steady')));
  await deployRelease(host, 'steady');
  await host.sh('systemctl start wardnet-steady');
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

/** Kills at one command after the other until a run comes to its end; how many it were. */
async function killedEverywhere(each: (command: number) => Promise<boolean>): Promise<number> {
  let kills = 0;
  for (let command = FIRST; command < 5_000; command += STEP) {
    if (!(await each(command))) return kills;
    kills += 1;
  }
  throw new Error('it never came to its end');
}

it(
  'ends as declared when it was killed anywhere and is run again; others go on meanwhile',
  async () => {
    const steady = await property('steady', 'InvocationID');

    const kills = await killedEverywhere(async (command) => {
      const service = `made-${command}`;
      const declared = declare(service);
      const request = await applyRequest(declared, { hostKey, credential: credentialOf(service) });

      const killed = await host.provisionKilledAt(request, command);

      await expectNothingHalf(service, renderParts(declared));
      const { report } = await host.provision(request);
      expect(report, `killed at ${command}`).toMatchObject({
        state: 'present',
        unit: { loaded: 'loaded', enabled: 'enabled', reload: 'no', active: 'inactive' },
        credential: { hostKey },
      });
      expect((await host.provision(request)).report.changed, `killed at ${command}`).toEqual([]);
      expect(await host.sh(`find /etc /usr/local/lib/conveyor -name '*${service}.new'`)).toBe('');
      return killed;
    });

    expect(kills).toBeGreaterThan(2);
    expect(await property('steady', 'InvocationID')).toBe(steady);
  },
  TIME,
);

it(
  'restarts for a changed unit once the change is whole, wherever it was killed',
  async () => {
    let seconds = 20;
    let now = declare('steady', {}, { stopSeconds: seconds });
    await host.provision(await applyRequest(now, { restart: true }));

    const kills = await killedEverywhere(async (command) => {
      const [before, invocation] = [now, await property('steady', 'InvocationID')];
      seconds += 1;
      now = declare('steady', {}, { stopSeconds: seconds });
      const request = await applyRequest(now, { restart: true });

      const killed = await host.provisionKilledAt(request, command);

      await expectNothingHalf('steady', renderParts(before), renderParts(now));
      expect(await property('steady', 'ActiveState')).toBe('active');
      const { report } = await host.provision(request);
      expect(report, `killed at ${command}`).toMatchObject({
        state: 'present',
        restartPending: false,
      });
      expect(await property('steady', 'InvocationID'), `killed at ${command}`).not.toBe(invocation);
      expect(await property('steady', 'TimeoutStopUSec')).toBe(`${seconds}s`);
      const after = await property('steady', 'InvocationID');
      expect((await host.provision(request)).report.restarted).toBe(false);
      expect(await property('steady', 'InvocationID')).toBe(after);
      return killed;
    });

    expect(kills).toBeGreaterThan(1);
  },
  TIME,
);

it(
  'takes all of a removed service away, wherever it was killed',
  async () => {
    const kills = await killedEverywhere(async (command) => {
      const service = `gone-${command}`;
      await host.provision(
        await applyRequest(declare(service), { hostKey, credential: credentialOf(service) }),
      );
      await deployRelease(host, service);
      await host.sh(`systemctl start wardnet-${service}`);

      const killed = await host.provisionKilledAt(requestFor('remove', service), command);

      const { report } = await host.provision(requestFor('remove', service));
      expect(report, `killed at ${command}`).toMatchObject({ state: 'absent' });
      expect(await property(service, 'ActiveState')).toBe('inactive');
      expect(await host.sh(`find /etc -name '*${service}*'; ls /srv/wardnet/${service}`)).toBe(
        'current\ndata\nreleases\n',
      );
      return killed;
    });

    expect(kills).toBeGreaterThan(0);
  },
  TIME,
);
