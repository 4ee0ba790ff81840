import type { Promotion, Release } from '../../../lambdas/domain/promotion.ts';
import type { Change } from '../../../lambdas/ports/table.ts';
import { isTarball } from '../../promote/shop.ts';
import type { Effect } from '../world/tap.ts';
import type { World } from '../world/world.ts';
import type { Invariant } from './invariant.ts';

/** What was written to the table by this effect. */
function written({ port, method, args, result }: Effect): readonly Change[] {
  const isWrite = port === 'table' && method === 'write' && result === true;
  return isWrite ? (args[0] as Change[]).filter(({ value }) => value !== undefined) : [];
}

/** Releases that were written down by this effect. */
function released(effect: Effect): Release[] {
  return written(effect)
    .filter(({ pk, sk }) => pk.startsWith('S#') && sk.startsWith('R#'))
    .map(({ value }) => (value as { release: Release }).release);
}

const pushOf = ({ pushed }: World, { service, version }: Pick<Release, 'service' | 'version'>) =>
  pushed.find((one) => one.service === service && one.version === version);

export const nothingInvented: Invariant = {
  name: 'what was never uploaded is no release',
  watch: (world, broken) => ({
    onEffect(effect) {
      for (const release of released(effect))
        if (isTarball(release.service) && pushOf(world, release) === undefined)
          broken(`${release.service} ${release.version} is a release that nobody uploaded`);
    },
  }),
};

export const firstBytes: Invariant = {
  name: 'a release’s digest is that of the bytes that were there first',
  watch: (world, broken) => ({
    onEffect(effect) {
      for (const release of released(effect)) {
        const { service, version, digest } = release;
        const first = pushOf(world, release)?.digest;
        if (isTarball(service) && first !== undefined && digest !== first)
          broken(`${service} ${version} is ${digest}, and ${first} was there first`);
      }
    },
  }),
};

export const oneRelease: Invariant = {
  name: 'told however often, a push is one release, and goes to its first stage by itself once',
  watch(_, broken) {
    const seen = new Map<string, string>();
    const once = (what: string, id: string) => {
      const before = seen.get(what);
      if (before !== undefined && before !== id) broken(`${what} is ${before}, and ${id}`);
      seen.set(what, id);
    };
    return {
      onEffect(effect) {
        for (const { service, version, digest } of released(effect))
          once(`the release ${service} ${version}`, digest);
        for (const { sk, value } of written(effect)) {
          if (!sk.includes('#P#')) continue;
          const { id, kind, service, version, requestedBy } = value as Promotion;
          // Not of the push: it goes again to hosts that were late.
          if (kind === 'catch-up') continue;
          const { automatic } = requestedBy as { automatic?: string };
          if (automatic === 'intake' || automatic === 'sweep')
            once(`the promotion of the push of ${service} ${version}`, id);
        }
      },
    };
  },
};
