import type { PromotionRef } from '../../lambdas/ports/releases.ts';
import { Reference } from '../../lambdas/promote/reference.ts';
import { FUNCTIONS } from '../simulation/world/functions.ts';
import type { Invoke } from './run-promotion.ts';
import type { World } from './world.ts';

/** What a promotion may do only while it holds its line's lock. */
const BEHIND_THE_LOCK = new Set([
  'check-gates',
  'request-approval',
  'copy-image',
  'verify-image',
  'copy-tarball',
  'verify-tarball',
  'deploy-hosts',
  'update-ledger',
  'observe-argocd',
]);

/**
 * The functions of `promote` over a world's ports. They fail where a test says so; and the test is stopped where one works
 * on a line whose lock another holds.
 */
export function bindFunctions(world: World): Invoke {
  return async (name, payload) => {
    const failure = world.failures.get(name)?.shift();
    if (failure !== undefined) throw failure;
    const ref = Reference.parse(payload);
    const { holder } = await world.line(ref.service, ref.environment);
    if (BEHIND_THE_LOCK.has(name) && holder?.promotion !== ref.promotion)
      throw `${ref.promotion} does ${name} while ${holder?.promotion ?? 'nobody'} holds the line`;
    const fn = FUNCTIONS[name];
    if (fn === undefined) throw new Error(`there is no function ${name}`);
    const { ports, config } = world;
    const result = await fn.run({ ports, config, remaining: () => fn.seconds * 1_000 }, payload);
    if (name === 'update-ledger') await followLedger(world, ref);
    const lost = world.lostAnswers.get(name)?.shift();
    if (lost !== undefined) throw lost;
    return result;
  };
}

/** Argo CD sees what landed. */
async function followLedger(world: World, ref: PromotionRef): Promise<void> {
  const { service, environment, version } = await world.promotion(ref.promotion);
  const [head] = world.ledger.log();
  world.argocd.push(`${service}-${environment}`, head?.id ?? '', `${service}:${version}`);
}

/** Argo CD has an application for every line, on the seeded Ledger. */
export function installApplications({ config, argocd }: Pick<World, 'config' | 'argocd'>): void {
  for (const [environment, { argocd: policy }] of Object.entries(config.environments))
    for (const service of Object.keys(config.services))
      argocd.install(`${service}-${environment}`, policy.sync, 'seed', `${service}:0`);
}
