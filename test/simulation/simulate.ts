import { FINAL_STATES } from '../../lambdas/domain/promotion.ts';
import { shop } from '../promote/shop.ts';
import { INVARIANTS } from './invariants/index.ts';
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
  const { seed, changes, services, skew, layers, slowness } = scenario;
  const config = shop(changes, services);
  const world = new World({ seed, config, skew, slowness, layers, ...options });
  const actors = new Actors(world, changes, { services });
  world.pushed = actors.pushed;
  let broken: Broken | undefined;
  try {
    const atEnd = watchAll(world);
    await play(world, actors, scenario);
    for (const look of atEnd) look();
  } catch (error) {
    if (!(error instanceof Broken)) throw error;
    broken = error;
  }
  return {
    seed,
    fingerprint: world.fingerprint,
    ...(broken && { broken: { invariant: broken.invariant, what: broken.what } }),
    endings: countBy(world.records().map(({ state }) => state)),
    transitions: [...world.promotes.all, ...world.sweeps].reduce(
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

function watchAll(world: World): (() => void)[] {
  return INVARIANTS.flatMap((invariant) => {
    const watch = invariant.watch(world, (what) => {
      const broken = new Broken(invariant.name, what);
      world.loop.fail(broken);
      throw broken;
    });
    if (watch.onEffect) world.watchers.push(watch.onEffect);
    return watch.atEnd ?? [];
  });
}

/** Safety first: the acts, with everything going wrong. Then liveness: nothing goes wrong any more, and all must end. */
async function play(world: World, actors: Actors, scenario: Scenario): Promise<void> {
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
  if (onlyMild(world, moments)) requirePrompt(world);
  world.calm();
  const allEnded = () => world.records().every(({ state }) => isEnded(state));
  for (let round = 0; round < 12; round++) {
    const before = allEnded();
    world.sweep();
    await world.loop.run(world.loop.now() + (round % 3 === 2 ? DAY : 15 * MINUTE));
    if (before && allEnded()) break;
  }
}

/** Nothing went wrong but that something took its time: then nothing may have to wait for a sweep. */
function onlyMild(world: World, moments: Scenario['moments']): boolean {
  const rough = [...world.wire.injected.keys()].filter(
    (kind) => !/^(delay|stale read)$/.test(kind),
  );
  return rough.length === 0 && !moments.some(({ act }) => act.do === 'stop');
}

function requirePrompt(world: World): void {
  const rows = world.table.contents;
  const locked = new Set(rows.filter(({ sk }) => sk.endsWith('#L#LOCK')).map(lineOf));
  // Who has not parked yet is on the way: it lines up, or is about to look.
  const forgotten = rows.find(
    (row) => row.sk.includes('#L#WAIT#') && 'token' in row.value && !locked.has(lineOf(row)),
  );
  if (forgotten !== undefined)
    throw new Broken(
      'nobody waits behind a free lock, but for a death or a lost reply',
      `${forgotten.pk} ${forgotten.sk}`,
    );
}

const lineOf = ({ pk, sk }: { pk: string; sk: string }) => `${pk} ${sk.split('#')[1]}`;

const isEnded = (state: string) => (FINAL_STATES as readonly string[]).includes(state);

function countBy(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}
