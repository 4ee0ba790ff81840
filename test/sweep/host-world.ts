import { parse } from 'yaml';
import { TableSightings } from '../../lambdas/adapters/table-sightings.ts';
import { digestOf } from '../../lambdas/domain/digest.ts';
import type { EnvironmentName } from '../../lambdas/domain/names.ts';
import type { PublishedTarget } from '../../lambdas/domain/provision-run.ts';
import { mendLine } from '../../lambdas/sweep/mend-line.ts';
import { type SweptHosts, sweepHosts } from '../../lambdas/sweep/sweep-hosts.ts';
import type { Running } from '../fakes/memory-fleet.ts';
import type { Tap } from '../fakes/tapped.ts';
import { dev, relay } from '../promote/shop.ts';
import { World } from '../promote/world.ts';

export const TAG = 'wardnet:relay=true';
export const FIRST = 'a'.repeat(40);
export const SECOND = 'b'.repeat(40);
export const stray: Running = { version: 'c'.repeat(40), digest: digestOf('stray') };

/** Two hosts in dev that run the first release, and the sweep's look at them. */
export async function worldOfHosts(rollout: object = {}, tap: Tap = {}) {
  const world = new World({
    services: [relay],
    target: { systemd: { hosts: TAG, rollout } },
    tap,
  });
  const fleet = world.fleets.dev;
  if (fleet === undefined) throw new Error('dev has no hosts');
  fleet.add(TAG);
  fleet.add(TAG);
  const release = async (sha: string) => {
    await world.announceUpload(world.store(relay, sha));
    await world.settle();
  };
  await release(FIRST);
  let published: PublishedTarget | undefined;
  const where = (environment: EnvironmentName) => ({ service: relay, environment });
  const look = async (environment: EnvironmentName = dev): Promise<SweptHosts> => {
    const hosts = world.ports.fleet?.(environment);
    if (hosts === undefined) throw new Error('no hosts');
    const targets = { find: async () => published };
    const ports = { ...world.ports, hosts, commands: hosts, targets };
    for (let steps = 0; steps < 100; steps++) {
      const swept = await sweepHosts(ports, world.config, where(environment));
      if (swept.outcome !== 'wait') return swept;
      world.clock.advance(swept.seconds * 1_000);
    }
    throw new Error('the look does not end');
  };
  /** A whole sweep, lines first, and what follows from it; then a quarter of an hour. */
  const sweep = async (environment: EnvironmentName = dev): Promise<SweptHosts> => {
    await mendLine(world.ports, world.config, relay, environment);
    await world.settle();
    const swept = await look(environment);
    await world.settle();
    world.clock.advance(15 * 60_000);
    return swept;
  };
  const manifest = () =>
    (parse(world.ledger.text(`manifest.${dev}.yaml`) ?? '') as Record<string, { hosts: object }>)[
      relay
    ]?.hosts;
  const seen = () => new TableSightings(world.table).read(where(dev));
  const left = async () => (await seen()).hosts.map((host) => host.left);
  const runs = () => fleet.hosts.map(({ running }) => running?.version[0] ?? '-').join('');
  const catchUps = async () =>
    (await world.history(relay, dev)).filter(({ kind }) => kind === 'catch-up');
  const publish = (target: PublishedTarget) => {
    published = target;
  };
  return { world, fleet, publish, release, look, sweep, manifest, seen, left, runs, catchUps };
}
