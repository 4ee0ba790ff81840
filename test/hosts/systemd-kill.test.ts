import { beforeAll, expect, it } from 'vitest';
import { effort } from '../effort.ts';
import {
  type Kill,
  type KillableScript,
  killInLanes,
  LEAST_CHANGED,
  makeKillable,
  printPoints,
  someOf,
} from './kill-desk.ts';
import type { Result } from './result.ts';
import { type HostService, openSystemdDesk, resultOf, SCRIPT, until } from './systemd-desk.ts';
import { type Manner, type Release, release } from './systemd-releases.ts';

const desk = openSystemdDesk();
const KILLABLE = '/opt/killable.sh';
/** Milliseconds for one test: at every line it is some hundred kills. */
const TIME = effort(1_800_000, 7_200_000);
let killable: KillableScript;

beforeAll(async () => {
  killable = makeKillable(SCRIPT);
  expect(killable.points.length).toBeGreaterThan(200);
  await desk.write(KILLABLE, killable.text);
});

/** The points that the script passes with this request. */
async function pointsOf(service: HostService, request: object): Promise<readonly number[]> {
  const file = `/tmp/points-${service.name}`;
  await desk.run(request, { POINTS: file }, KILLABLE);
  const passed = await desk.shell(printPoints(file));
  return passed.split('\n').map(Number);
}

/**
 * Kills the script with -9 at this point; whether it came there. What was at work beside it and has the lock is let end. A run
 * that did not come there has to have ended by itself.
 */
async function killAt(point: number, service: HostService, request: object): Promise<boolean> {
  const run = await desk.run(request, { KILL_AT: String(point) }, KILLABLE);
  if (run.code !== 137) resultOf(run);
  const lock = `/run/conveyor/${service.name}.lock`;
  await desk.shell(`[ ! -e ${lock} ] || flock -w 60 ${lock} true`);
  return run.code === 137;
}

/** Everything that a run changes. */
const stateOf = ({ name, root, unit }: HostService) =>
  desk.shell(`find ${root} /var/lib/conveyor/${name} -printf '%p %i %m %u %s %T@ %l\\n' | sort | sha256sum
    systemctl show --value -p InvocationID ${unit}`);

/** The same request again, until nothing of the killed run holds the lock any more. */
async function runAgain(request: object): Promise<Result> {
  const stdout = await until(async () => (await desk.run(request)).stdout, /"state":"(?!busy)/);
  return JSON.parse(stdout);
}

/** What `current` points at: it must be a whole release, at any moment. */
const current = ({ root }: HostService) =>
  desk.shell(`cd ${root}; test -s current/.conveyor-release; basename "$(readlink current)"`);

const leftovers = ({ root }: HostService) =>
  desk.shell(`ls -A ${root}/releases | grep '^[.]' || :`);

/** Every point in one of several services, which run beside each other; each has `good` when it begins. */
async function inLanes(
  name: string,
  points: readonly number[],
  each: (service: HostService, point: number) => Promise<Kill>,
) {
  const { killed, changed } = await killInLanes(
    points,
    async (lane) => {
      const service = await desk.provision(`${name}-${lane}`);
      expect(await service.deploy(release('good'))).toMatchObject({ state: 'running' });
      return service;
    },
    each,
  );
  expect(killed).toBeGreaterThan(points.length * 0.8);
  expect(changed).toBeGreaterThan(points.length * LEAST_CHANGED);
}

function requested(service: HostService, version: string, manner: Manner): [Release, object] {
  const made = release(version, manner);
  service.put(made);
  return [made, service.requestOf(made, { cleanup: 'current/bin/cleanup' })];
}

it(
  'a deploy that is killed anywhere leaves one version or the other, and the next run ends it',
  async () => {
    const traced = await desk.provision('traced');
    await traced.deploy(release('good'));
    await traced.deploy(release('better'), { keep: 1 });
    const points = await pointsOf(traced, requested(traced, 'best', 'well')[1]);
    expect(points.length).toBeGreaterThan(100);

    await inLanes('killed', someOf(SCRIPT, points, 16), async (service, point) => {
      const before = await service.answers();
      const [{ digest }, request] = requested(service, `v${point}`, 'well');
      const state = await stateOf(service);

      const killed = await killAt(point, service, request);

      if ((await stateOf(service)) === state) return { killed, changed: false };
      expect([before, `v${point}`], `line ${point}`).toContain(await current(service));
      expect([before, `v${point}`], `line ${point}`).toContain(await service.answers());
      const wanted = { state: 'running', version: `v${point}`, good: `v${point}`, digest };
      expect(await runAgain(request), `line ${point}`).toMatchObject(wanted);
      expect(await service.answers()).toBe(`v${point}`);
      expect(await leftovers(service)).toBe('');
      return { killed, changed: true };
    });
  },
  TIME,
);

it(
  'a return that is killed anywhere ends on the good version all the same',
  async () => {
    const traced = await desk.provision('returned');
    await traced.deploy(release('good'));
    const way = await pointsOf(traced, requested(traced, 'best', 'well')[1]);
    const points = await pointsOf(traced, requested(traced, 'worst', 'dies')[1]);
    const back = points.filter((point) => !way.includes(point));
    expect(back.length).toBeGreaterThan(20);

    await inLanes('back', someOf(SCRIPT, back, 8), async (service, point) => {
      const [, request] = requested(service, `v${point}`, 'dies');

      const killed = await killAt(point, service, request);

      expect(['good', `v${point}`], `line ${point}`).toContain(await current(service));
      const wanted = { state: 'failed', version: 'good', good: 'good', health: 'passed' };
      expect(await runAgain(request), `line ${point}`).toMatchObject(wanted);
      expect(await service.answers()).toBe('good');
      expect(await leftovers(service)).toBe('');
      return { killed, changed: true };
    });
  },
  TIME,
);

it(
  'a restore that is killed anywhere is done by the next run',
  async () => {
    const traced = await desk.provision('restored');
    await traced.deploy(release('good'));
    await traced.deploy(release('held'));
    const restoring = (service: HostService, version: string) => ({
      ...service.requestOf(release('held')),
      ...{ action: 'restore', version, digest: undefined },
    });
    const points = await pointsOf(traced, restoring(traced, 'held'));

    // What was deployed for one kill serves the next where nothing came of it.
    const held = new Map<HostService, string>();

    await inLanes('restored', someOf(SCRIPT, points, 6), async (service, point) => {
      const version = held.get(service) ?? `v${point}`;
      if (!held.has(service))
        expect(await service.deploy(release(version))).toMatchObject({ state: 'running', version });
      const state = await stateOf(service);

      const killed = await killAt(point, service, restoring(service, version));

      held.set(service, version);
      if ((await stateOf(service)) === state) return { killed, changed: false };
      held.delete(service);
      expect(['good', version]).toContain(await service.answers());
      expect(await runAgain(restoring(service, version)), `line ${point}`).toMatchObject({
        state: 'running',
        version: 'good',
        good: 'good',
      });
      return { killed, changed: true };
    });
  },
  TIME,
);
