import { describe, expect, it } from 'vitest';
import { li, prod, qa } from '../promote/shop.ts';
import type { World } from '../promote/world.ts';
import { DELIVERIES, type Delivery } from './deliveries.ts';
import { arrive, endOf } from './stories.ts';

/** The process is gone; Step Functions calls it so, and tries again. */
class Died extends Error {
  override readonly name = 'Runtime.ExitError';
}

/** From CI to prod, each stage with a promotion of its own and the last with an approval. */
async function story(delivery: Delivery, beforeEach: (world: World) => void = () => {}) {
  const world = delivery.open();
  const [version] = delivery.versions;
  beforeEach(world);
  await arrive(delivery, world, version);
  beforeEach(world);
  await world.promote(delivery.service, qa);
  beforeEach(world);
  const id = await world.promote(delivery.service, prod);
  await world.vote(id, li, 'approve');
  return world;
}

const steps = ({ kind, target }: Delivery): readonly string[] => [
  'take-turn',
  'check-gates',
  'request-approval',
  kind === 'image' ? 'copy-image' : 'copy-tarball',
  kind === 'image' ? 'verify-image' : 'verify-tarball',
  'update-ledger',
  ...(target === 'argocd' ? ['observe-argocd'] : []),
  'finish-promotion',
];

describe.each(DELIVERIES)('$kind from $source to $target', (delivery) => {
  it.each(steps(delivery))(
    'ends the same where %s dies in every stage, before its work or after',
    async (step) => {
      const end = await endOf(delivery, await story(delivery));
      expect(end.lines.map(({ landed }) => landed)).toEqual(Array(3).fill(delivery.versions[0]));

      for (const where of ['failures', 'lostAnswers'] as const) {
        let deaths: Error[] = [];
        const world = await story(delivery, (it) => {
          deaths = [new Died(step), new Died(step)];
          it[where].set(step, deaths);
        });

        expect(deaths, `${step} was tried again in prod`).toEqual([]);
        expect(await endOf(delivery, world), where).toEqual(end);
      }
    },
  );
});
