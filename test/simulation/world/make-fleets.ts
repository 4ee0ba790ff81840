import { digestOf } from '../../../lambdas/domain/digest.ts';
import { accounts } from '../../promote/shop.ts';
import type { FleetDraw } from '../draw-fleets.ts';
import type { Loop } from '../loop.ts';
import type { Random } from '../random.ts';
import { SimFleet } from './sim-fleet.ts';
import type { Running } from './sim-host.ts';

/** A release from before Conveyor came. */
export const olderRelease = (letter: string): Running => ({
  version: letter.repeat(40),
  digest: digestOf(letter),
});

/** The hosts of every environment, as they are before anything is promoted. */
export function makeFleets(
  loop: Loop,
  random: Random,
  draws: readonly FleetDraw[] = [],
): Readonly<Record<string, SimFleet>> {
  const fleets = Object.fromEntries(
    Object.keys(accounts).map((name, n) => [name, new SimFleet(loop, random, n + 1)]),
  );
  for (const { service, environment, hosts } of draws)
    for (const host of hosts)
      fleets[environment]?.add(service, host, host.before && olderRelease(host.before));
  return fleets;
}
