import { expect, it } from 'vitest';
import { Promotion, Release } from '../../lambdas/domain/promotion.ts';
import { dev, prod, qa } from '../promote/shop.ts';
import { DELIVERIES, type Delivery } from './deliveries.ts';
import { upToProd } from './stories.ts';

/** Where its artifact is: the one thing in which a record of an image and of a tarball differ. */
const PLACES = { source: 'a place', destination: 'a place' };

/** The fields of a record, with what kind of value each has. */
function fieldsOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.length === 0 ? [] : [fieldsOf(value[0])];
  if (typeof value !== 'object' || value === null) return typeof value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, fieldsOf(one)]));
}

/** All that is on record of one release on its way to prod, twice: a first version, and one over it. */
async function recordsOf(delivery: Delivery) {
  const world = delivery.open();
  const [first, second] = delivery.versions;
  for (const version of [first, second]) await upToProd(delivery, world, version);
  const promotions = await Promise.all(
    [dev, qa, prod].map(async (environment) => world.history(delivery.service, environment)),
  );
  return {
    promotions: promotions.flat(),
    releases: await world.ports.releases.list(delivery.service, 10),
  };
}

const [reference, ...others] = DELIVERIES;

it.each(others)('$kind from $source to $target has the records of an image', async (delivery) => {
  if (reference === undefined) throw new Error('there is no image');
  const [expected, records] = [await recordsOf(reference), await recordsOf(delivery)];

  expect(records.promotions).toHaveLength(6);
  const shapes = ({ promotions }: typeof expected) =>
    promotions.map(({ steps: { copy, verify, observe: _, ...steps }, ...promotion }) => ({
      ...(fieldsOf({ ...promotion, steps }) as object),
      ...PLACES,
      // How many children and parts there are is the artifact's own.
      copy: Object.keys(copy ?? {}).sort(),
      verify: Object.keys(verify ?? {}).sort(),
    }));
  expect(shapes(records)).toEqual(shapes(expected));
  expect(records.releases.map((one) => ({ ...(fieldsOf(one) as object), ...PLACES }))).toEqual(
    expected.releases.map((one) => ({ ...(fieldsOf(one) as object), ...PLACES })),
  );
});

it.each(DELIVERIES)(
  '$kind from $source to $target is watched where Argo CD runs it, and only there',
  async (delivery) => {
    const { promotions } = await recordsOf(delivery);

    for (const { steps } of promotions)
      expect(steps.observe !== undefined).toBe(delivery.target === 'argocd');
  },
);

it.each(DELIVERIES)('$kind from $source to $target is kept as it is read', async (delivery) => {
  const { promotions, releases } = await recordsOf(delivery);

  for (const promotion of promotions) expect(Promotion.parse(promotion)).toEqual(promotion);
  for (const release of releases) expect(Release.parse(release)).toEqual(release);
});
