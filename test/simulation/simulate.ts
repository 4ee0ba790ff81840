import { isFinal } from '../../lambdas/domain/promotion.ts';
import { shop } from '../promote/shop.ts';
import { watchAll } from './invariants/index.ts';
import { Broken } from './invariants/invariant.ts';
import type { Scenario } from './scenario.ts';
import { Actors } from './world/actors.ts';
import type { FaultKind } from './world/faults.ts';
import type { Sabotage } from './world/options.ts';
import { World } from './world/world.ts';

export interface Report {
  readonly seed: number;
  readonly fingerprint: string;
  readonly broken?: { readonly invariant: string; readonly what: string };
  /** How the promotions ended. */
  readonly endings: Readonly<Record<string, number>>;
  readonly transitions: number;
  readonly calls: number;
  readonly faults: Readonly<Partial<Record<FaultKind, number>>>;
  readonly simulatedMilliseconds: number;
  readonly ways: ReadonlyMap<string, number>;
  readonly trace: readonly string[];
}

export interface SimulateOptions {
  readonly sabotage?: Sabotage;
}

const MINUTE = 60_000;
const DAY = 86_400_000;
/** After the last act, what is under way may go on so long before faults cease. */
const TROUBLE_LASTS = 30 * MINUTE;

/** Plays a scenario to its end and looks at all that must hold. */
export async function simulate(scenario: Scenario, options: SimulateOptions = {}): Promise<Report> {
  const { seed, changes, services, fleets, skew, layers, slowness, reading } = scenario;
  const config = shop(changes, services);
  const world = new World({ seed, config, fleets, skew, slowness, layers, reading, ...options });
  const actors = new Actors(world, changes, { services });
  world.pushed = actors.pushed;
  let broken: Broken | undefined;
  try {
    const looks = watchAll(world);
    await disturb(world, actors, scenario);
    if (wasOnlySlow(world, scenario)) looks.ifOnlySlow();
    await recover(world);
    looks.atEnd();
  } catch (error) {
    if (!(error instanceof Broken)) throw error;
    broken = error;
  }
  return {
    seed,
    fingerprint: world.fingerprint,
    ...(broken && { broken: { invariant: broken.invariant, what: broken.what } }),
    endings: countBy(world.records().map(({ state }) => state)),
    transitions: [...world.promotes.all, ...world.sweeps, ...world.provisioning.executions].reduce(
      (sum, { states }) => sum + states.length,
      0,
    ),
    calls: world.wire.calls,
    faults: Object.fromEntries(world.wire.injected),
    simulatedMilliseconds: world.loop.now() - world.startedAt,
    ways: world.coverage.taken,
    trace: world.trace,
  };
}

/** The acts, with everything going wrong: what must never happen must not happen now. */
async function disturb(world: World, actors: Actors, scenario: Scenario): Promise<void> {
  const { moments, faults } = scenario;
  await world.watchSources();
  world.trouble(faults);
  const from = world.loop.now();
  for (const { at, on, act } of moments) {
    let done = false;
    const once = async () => {
      if (done) return;
      done = true;
      await actors.act(act);
    };
    if (on !== undefined)
      world.wire.triggers.set(`${on.call} ${on.nth}`, () => world.loop.spawn(once));
    world.loop.spawn(async () => {
      await world.loop.until(from + at);
      await once();
    });
  }
  await world.loop.run(from + (moments.at(-1)?.at ?? 0) + TROUBLE_LASTS);
}

/** Sweeps and runs of provisioning. */
const HOSTS_REST_WITHIN = 7;

/** Nothing goes wrong any more, and all must end. */
async function recover(world: World): Promise<void> {
  world.calm();
  const { sweeps, provisioning } = world;
  /** Who reads no mail, what is told late, and a host that comes back may take a day. */
  const isAwaited = () =>
    world.r2.queue.open.size > 0 ||
    hostsComeBack(world) ||
    !world.records().every(({ state }) => isFinal(state));
  const allEnded = () =>
    !isAwaited() && [...sweeps, ...provisioning.executions].every(({ isOver }) => isOver);
  for (let round = 0; round < 12; round++) {
    const before = allEnded() && !hostsAreAtWork(world);
    const promotions = world.records().length;
    world.sweep();
    provisioning.schedule();
    await world.loop.run(world.loop.now() + (round % 3 === 2 && isAwaited() ? DAY : 15 * MINUTE));
    // What a sweep has begun for hosts another one has to look at: a line that is busy is not.
    const isLast = !isOnHosts(world) || world.records().length === promotions;
    if (before && isLast && allEnded()) break;
    // Hosts, which nobody has to answer for, come to rest within two hours, or not at all.
    if (round >= HOSTS_REST_WITHIN && !isAwaited()) break;
  }
}

const isOnHosts = ({ fleets }: World) =>
  Object.values(fleets).some(({ hosts }) => hosts.length > 0);

const hostsComeBack = ({ fleets }: World) =>
  Object.values(fleets).some(({ awaited }) => awaited > 0);

const hostsAreAtWork = ({ fleets }: World) =>
  Object.values(fleets).some(({ hosts }) =>
    hosts.some(({ working, scaffold }) => working + scaffold.locks.size > 0),
  );

function wasOnlySlow(world: World, { moments, reading }: Scenario): boolean {
  // So slow that time limits come first, and others have to try again.
  if (reading !== undefined) return false;
  const rough = [...world.wire.injected.keys()].filter(
    (kind) => !/^(delay|stale read)$/.test(kind),
  );
  return rough.length === 0 && !moments.some(({ act }) => /^(stop|outage|skew|cut)$/.test(act.do));
}

function countBy(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}
