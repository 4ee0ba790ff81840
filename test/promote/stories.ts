import type { PromotionId } from '../../lambdas/domain/names.ts';
import { payments, prod, qa } from './shop.ts';
import { World, type WorldOptions } from './world.ts';

/** A version is built, and goes through dev and qa. */
export async function upToQa(world: World, version = '41'): Promise<void> {
  await world.push(payments, version);
  await world.promote(payments, qa, { version });
}

/** Somebody asked for 41 in prod, and it waits for an approval. */
export async function awaitingApproval(
  options: WorldOptions = {},
): Promise<{ world: World; id: PromotionId }> {
  const world = new World(options);
  await upToQa(world);
  return { world, id: await world.promote(payments, prod) };
}

/** The one promotion that was started. */
export function only(world: World): PromotionId {
  const [id, ...others] = [...world.executions.all.keys()];
  if (id === undefined || others.length > 0) throw new Error('there is not exactly one');
  return id;
}
