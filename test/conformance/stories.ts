import type { PromotionId, Version } from '../../lambdas/domain/names.ts';
import type { Promotion } from '../../lambdas/domain/promotion.ts';
import { dev, li, prod, qa } from '../promote/shop.ts';
import type { World } from '../promote/world.ts';
import type { Delivery } from './deliveries.ts';

/** CI makes a release, its event comes, and all that follows happens. Each is made a minute after the one before. */
export async function arrive(it: Delivery, world: World, version: Version): Promise<void> {
  world.clock.advance(60_000);
  await (await it.build(world, version))();
  await world.settle();
}

export async function upToQa(it: Delivery, world: World, version: Version): Promise<void> {
  await arrive(it, world, version);
  await world.promote(it.service, qa, { version });
}

export async function upToProd(it: Delivery, world: World, version: Version): Promise<PromotionId> {
  await upToQa(it, world, version);
  const id = await world.promote(it.service, prod, { version });
  await world.vote(id, li, 'approve');
  return id;
}

/** The newest promotion of a line. */
export async function newest(it: Delivery, world: World, environment = dev): Promise<Promotion> {
  const [promotion] = await world.history(it.service, environment);
  if (promotion === undefined) throw new Error(`nothing was promoted to ${environment}`);
  return promotion;
}

/** Where everything ended, without the names and times that chance gave. */
export async function endOf(it: Delivery, world: World) {
  const lines = [dev, qa, prod].map(async (environment) => {
    const { holder, waiters, landed } = await world.line(it.service, environment);
    const history = await world.history(it.service, environment);
    return {
      holder,
      waiters,
      landed: landed?.version,
      ledger: it.ledger(world, environment),
      holds: await it.holds(world, environment, it.versions[0]),
      commits: world.committed(environment),
      history: history.map(({ state, version, cause, steps }) => ({
        state,
        version,
        cause,
        steps: Object.keys(steps).sort(),
      })),
    };
  });
  return { lines: await Promise.all(lines), over: outcomes(world), alarms: world.alarms.set };
}

export const outcomes = (world: World) =>
  [...world.executions.all.values()].map(({ outcome }) => outcome);
