import { type Changes, isTarball, relay, resolver } from '../promote/shop.ts';
import type { Act, Moment } from './acts.ts';
import { drawApproval, drawChanges } from './draw-changes.ts';
import {
  drawFleets,
  drawRollouts,
  drawServices,
  type FleetDraw,
  isOnHosts,
} from './draw-fleets.ts';
import { arrivalOf, drawHostTrouble } from './draw-host-trouble.ts';
import { drawProvision } from './draw-provision.ts';
import { type Random, seeded } from './random.ts';
import { drawUploadTrouble } from './upload-trouble.ts';
import { FAULTS, type Fault } from './world/faults.ts';

const SERVICES = ['payments', 'orders'] as const;
const ENVIRONMENTS = ['dev', 'qa', 'prod'] as const;
const PEOPLE = ['ana', 'li', 'tom', 'mei', 'raj'] as const;

export interface Scenario {
  readonly seed: number;
  readonly changes: Changes;
  readonly services: readonly string[];
  /** Hosts of those that run on any. */
  readonly fleets: readonly FleetDraw[];
  readonly moments: readonly Moment[];
  readonly faults: readonly Fault[];
  readonly skew: number;
  /** Layers of an image, and the milliseconds that moving one may take. */
  readonly layers: number;
  readonly slowness: readonly [least: number, most: number];
  /** Milliseconds that a tarball takes to read; next to nothing otherwise. */
  readonly reading?: readonly [least: number, most: number];
}

const MINUTE = 60_000;
const SAYINGS = ['none', 'none', 'none', 'false'] as const;
/** Calls of ports that a promotion makes, roughly: where faults are strewn. */
const CALLS_PER_PROMOTION = 90;

/** Four layers fill the fifteen minutes of a function but for less than it keeps in reserve. */
const SO_SLOW = { layers: 9, slowness: [424_000, 426_000] as const };

/** From R2, one copy in five does not see the end of it in the time that a function has. */
const SO_LONG = [700_000, 880_000] as const;

/** Everything that will happen, but for what follows from it, drawn from a seed. */
export function drawScenario(seed: number): Scenario {
  const random = seeded(seed);
  const moments: Moment[] = [];
  const span = random.of([0.05, 0.3, 2, 60, 600]) * MINUTE;
  // Drawn apart: hosts change nothing in scenarios that have none.
  const hosting = seeded(seed ^ 0x1f83d9ab);
  const onHosts = drawServices(hosting);
  const changes = { ...drawChanges(random), ...drawRollouts(hosting, onHosts ?? []) };
  // Three promotions at least: one for each push, and one more where the next stage takes it by itself.
  const pushes = changes.qa?.promotion === 'auto' ? random.of([2, 2, 3]) : 3;
  const calls = CALLS_PER_PROMOTION * (pushes + 1);
  const add = (act: Act, at = random.below(span)) => moments.push({ at, act });
  const breakIn = (act: Act) =>
    moments.push({
      at: random.below(span),
      act,
      ...(random.chance(0.7) && { on: drawCall(random, calls, act, services) }),
    });
  const versions = Array.from({ length: pushes }, (_, n) => String(41 + n));
  const offHosts = random.of([
    ...[['payments'], ['orders'], ['payments', 'orders'], [...SERVICES]],
    ...[['payments', relay], [relay], ['payments', resolver], [resolver], [relay, resolver]],
  ]);
  const services = onHosts ?? offHosts;
  for (const version of versions) {
    const event = random.of([
      'once',
      'once',
      'once',
      'once',
      'once',
      'once',
      'twice',
      'late',
      'never',
      'never',
    ] as const);
    const service = random.of(services);
    const says = isTarball(service) && random.chance(0.3) && random.of(SAYINGS);
    add({ do: 'push', service, version, event, ...(says && { says }) });
  }
  for (let asks = 1 + random.below(2); asks > 0; asks--)
    add(drawAsk(random, services, versions), Math.floor(span * (0.3 + random.next())));
  if (random.chance(0.5)) drawTrouble(random, services, versions, breakIn);
  if (random.chance(0.3)) drawTrouble(random, services, versions, breakIn);
  if (onHosts !== undefined)
    moments.push(...drawHostTrouble(hosting, { services: onHosts, changes, span }));
  // Apart once more: who provisions nothing is as before.
  const drawn = drawFleets(hosting, services);
  const provisioned = drawProvision(seeded(seed ^ 0x2545f491), drawn, span);
  moments.push(...provisioned.moments);
  const uploaded = services.filter(isTarball);
  for (let left = uploaded.length > 0 ? random.below(3) : 0; left > 0; left--)
    breakIn(drawUploadTrouble(random, random.of(uploaded), versions));
  // Where nothing is but slow, nothing may need a sweep: see `requirePrompt`.
  const slow = random.chance(0.2);
  // The first two are sure to be met: no scenario makes fewer calls.
  const faults = Array.from({ length: 3 + random.below(5) }, (_, n) => ({
    call: n < 2 ? 1 + n * 20 + random.below(20) : random.below(calls),
    kind: slow ? ('delay' as const) : random.of(FAULTS),
  }));
  return {
    seed,
    changes,
    services,
    fleets: provisioned.fleets,
    moments: moments.sort((a, b) => a.at - b.at),
    faults,
    skew: random.of([0, 0, 200, 4_000]),
    ...(random.chance(0.01) ? SO_SLOW : { layers: 2, slowness: [0, 3_000] as const }),
    ...(services.includes(resolver) && random.chance(0.1) && { reading: SO_LONG }),
  };
}

/** Where it hurts: between two steps of one function that belong together. */
const CRITICAL = [
  'ledger.read',
  'ledger.commit',
  'registry.put',
  'store.create',
  'store.copyFrom',
  'ingress.fetch',
  'bus.putEvents',
  'executions.wake',
  'sealer.seal',
];
const CRITICAL_ON_HOSTS = ['hosts.tagged', 'hosts.send', 'hosts.invocations', 'hosts.cancel'];

function drawCall(
  random: Random,
  calls: number,
  act: Act,
  services: readonly string[],
): NonNullable<Moment['on']> {
  // Between the decision to let it into prod, and its landing there.
  if ((act.do === 'edit' || act.do === 'policy') && act.environment === 'prod')
    return { call: arrivalOf(random.of(services)), nth: random.below(3) };
  return random.chance(0.5)
    ? { call: '*', nth: random.below(calls) }
    : {
        call: random.of(services.some(isOnHosts) ? CRITICAL_ON_HOSTS : CRITICAL),
        nth: random.below(20),
      };
}

function drawAsk(random: Random, services: readonly string[], versions: readonly string[]): Act {
  return {
    do: 'ask',
    service: random.of(services),
    environment: random.of(['qa', 'prod', 'prod', 'dev']),
    by: random.of(PEOPLE),
    kind: random.chance(0.15) ? 'rollback' : 'promotion',
    ...(random.chance(0.5) && { version: random.of(versions) }),
    times: random.chance(0.2) ? 2 : 1,
  };
}

/** What other actors do to tags, Ledger, policy, executions and tokens. */
function drawTrouble(
  random: Random,
  services: readonly string[],
  versions: readonly string[],
  add: (act: Act) => void,
): void {
  const [environment, service, version] = [
    random.of(ENVIRONMENTS),
    random.of(services),
    random.of(versions),
  ];
  const which = random.below(20);
  add(
    random.of<Act>([
      { do: 'odd push', service, tag: random.of(['latest', 'nightly', version]) },
      { do: 'edit', environment, service, what: 'replicas' },
      { do: 'edit', environment, service, what: 'tag' },
      { do: 'policy', environment: 'prod', change: drawApproval(random) },
      { do: 'policy', environment, change: { strategy: random.of(['latest', 'every']) } },
      { do: 'stop', which, redrive: true },
      { do: 'stop', which, redrive: random.chance(0.5) },
      { do: 'wake', which },
      { do: 'vote', by: random.of(PEOPLE), which, decision: random.of(['approve', 'reject']) },
      { do: 'taint', environment: random.of(['qa', 'prod']), service, version },
      { do: 'sweep' },
    ]),
  );
}
