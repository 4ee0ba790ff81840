import type { ConveyorConfig } from '../../lambdas/domain/config.ts';
import { type Changes, payments, repository, shop } from '../promote/shop.ts';
import { Actors } from './world/actors.ts';
import type { Effect } from './world/tap.ts';
import { World } from './world/world.ts';

const MINUTE = 60_000;

/** A shop of so many services, two or more. */
export function manyServices(count: number, changes: Changes): ConveyorConfig {
  const config = shop(changes);
  const names = [
    'payments',
    'orders',
    ...Array.from({ length: count - 2 }, (_, n) => `service-${n + 2}`),
  ];
  const services = names.map((name) => [
    name,
    { ...config.services[payments], artifact: { image: repository(name), tags: '^[0-9]+$' } },
  ]);
  return { ...config, services: Object.fromEntries(services) };
}

export interface Storm {
  readonly world: World;
  readonly actors: Actors;
  /** Rows that were read from the table, by `get` and `query`. */
  rows: number;
  /** Effects of ports on behalf of each promotion or, for want of one, of the function. */
  readonly effects: Map<string, number>;
}

/** A world in which every call takes the same time. */
export function calmBefore(config: ConveyorConfig, changes: Changes): Storm {
  const world = new World({ seed: 1, config, slowness: [0, 1], shuffled: false });
  Object.assign(world.wire, { latency: () => 10 });
  // Nobody reads a trace of millions of lines.
  world.say = () => {};
  const actors = new Actors(world, changes, { readMail: false });
  const files = Object.keys(config.services).flatMap((service) =>
    Object.keys(config.environments).map((environment) => [
      `envs/${environment}/${service}.yaml`,
      `image:\n  tag: "0" # set by Conveyor\nreplicas: 2\n`,
    ]),
  );
  world.ledger.push(Object.fromEntries(files));
  const storm: Storm = { world, actors, rows: 0, effects: new Map() };
  world.watchers.push((effect) => count(storm, effect));
  return storm;
}

function count(storm: Storm, { process, port, method, result }: Effect): void {
  if (port === 'table' && method === 'query') storm.rows += (result as unknown[]).length;
  if (port === 'table' && method === 'get') storm.rows += 1;
  const whose = process.subject ?? process.name;
  storm.effects.set(whose, (storm.effects.get(whose) ?? 0) + 1);
}

/** So many pushes of one moment, dealt out to the services, in a random order of builds. */
export function push({ world, actors }: Storm, count: number, services: readonly string[]): void {
  for (let n = 0; n < count; n++) {
    const build = ((n * 7_919) % count) + 1;
    const service = services[n % services.length] ?? '';
    const act = { do: 'push', service, version: `${build}`, event: 'once' } as const;
    world.loop.spawn(() => actors.act(act));
  }
}

export { MINUTE };
