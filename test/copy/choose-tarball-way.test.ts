import { expect, it } from 'vitest';
import { chooseWay } from '../../lambdas/copy/choose-way.ts';
import { environmentPlace, storePlace } from '../../lambdas/domain/release-store.ts';
import { dev, relay, shop } from '../promote/shop.ts';

const KEY = `relay/${'a'.repeat(40)}.tar.gz`;
const made = shop({}, ['relay']);
const existing = { ...made, releaseStore: { ...made.releaseStore, s3: { existing: 'theirs' } } };
const inR2 = shop({}, ['relay'], undefined, 'r2');

it.each([
  [
    'is fetched from a store that Conveyor made',
    chooseWay(made, storePlace(made, relay, KEY)),
    { sourceBucket: 'conveyor-store-111111111111-us-east-1', sourceExpires: true },
  ],
  [
    'passes through from a bucket that was there before: its policy is its owner’s',
    chooseWay(existing, storePlace(existing, relay, KEY)),
    { sourceExpires: true },
  ],
  [
    'passes through from the bucket of before, once another is configured',
    chooseWay(existing, storePlace(made, relay, KEY)),
    { sourceExpires: true },
  ],
  [
    'passes through from R2, which keeps no marks',
    chooseWay(inR2, storePlace(inR2, relay, KEY)),
    { sourceExpires: false },
  ],
  [
    'passes through between environments, where nothing expires',
    chooseWay(made, environmentPlace(made, dev, KEY)),
    { sourceExpires: false },
  ],
])('a tarball %s', (_, chosen, expected) => {
  expect(chosen).toEqual(expected);
});
