import type { EnvironmentName } from '../../../lambdas/domain/names.ts';
import { isFinal, type Release } from '../../../lambdas/domain/promotion.ts';
import { environmentPlace, releaseKey } from '../../../lambdas/domain/release-store.ts';
import { isTarball } from '../../promote/shop.ts';
import { sha256Of } from '../world/uploads.ts';
import type { World } from '../world/world.ts';
import type { Invariant } from './invariant.ts';

/** Every place of an environment where a release's tarball may be, with what is there. */
function* placesOf(world: World) {
  for (const { sk, value } of world.table.contents) {
    const { release } = value as { release?: Release };
    if (!sk.startsWith('R#') || release === undefined || !isTarball(release.service)) continue;
    const key = releaseKey(release.service, release.version);
    for (const environment of Object.keys(world.config.environments) as EnvironmentName[]) {
      const { bucket } = environmentPlace(world.config, environment, key);
      const there = sha256Of(world.buckets[bucket]?.bytesOf(key));
      const tainted = world.tainted.get(`${bucket} ${key}`);
      yield { release, environment, bucket, key, there, tainted };
    }
  }
}

export const bucketsHoldReleases: Invariant = {
  name: 'what Conveyor puts into an environment’s bucket is the release, and never over something else',
  watch(world, broken) {
    const look = () => {
      for (const { release, bucket, key, there, tainted } of placesOf(world)) {
        if (there === undefined) continue;
        const wanted = tainted ?? release.digest;
        if (there !== wanted) broken(`${bucket} ${key} is ${there}, not ${wanted}`);
      }
    };
    return {
      onEffect({ port, method, result }) {
        if (!port.startsWith('store.')) return;
        const isThere = method === 'create' ? result === true : result === 'copied';
        if (isThere || method === 'put') look();
      },
      atEnd: look,
    };
  },
};

export const taintedFails: Invariant = {
  name: 'where other bytes are in the bucket the promotion fails, and names both',
  watch: (world, broken) => ({
    atEnd() {
      for (const { release, environment, tainted } of placesOf(world)) {
        if (tainted === undefined) continue;
        const { service, version, digest } = release;
        for (const { id, state, cause, ...of } of world.records()) {
          if (of.service !== service || of.version !== version) continue;
          if (of.environment !== environment || !isFinal(state)) continue;
          if (state === 'promoted') broken(`${id} is promoted over ${tainted}`);
          const names = [tainted, digest].every((one) => cause?.message.includes(one));
          if (cause?.code === 'DigestConflict' && !names)
            broken(`${id} does not name both: ${cause.message}`);
        }
      }
    },
  }),
};
