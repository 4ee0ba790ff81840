import { isOnHosts } from '../draw-fleets.ts';
import type { World } from '../world/world.ts';
import { type Invariant, lookOf, manifestOf, promotionOf } from './invariant.ts';
import { withoutOwn } from './manifest.ts';

interface Own {
  readonly by: string;
  readonly service: string;
  readonly environment: string;
  /** What of it the commit may change. */
  readonly version: boolean;
  readonly hosts: boolean;
}

/** What a commit may touch, by what it says that it is; undefined where it is not of Conveyor. */
function ownOf(world: World, message: string): Own | undefined {
  const look = lookOf(message);
  if (look !== undefined)
    return { by: `a look at ${look.service}`, ...look, version: false, hosts: true };
  const by = promotionOf(message);
  if (by === undefined) return undefined;
  const { service = '', environment = '', kind } = world.record(by) ?? {};
  return { by, service, environment, version: kind !== 'catch-up', hosts: isOnHosts(service) };
}

export const noLostEdit: Invariant = {
  name: 'a commit changes one line of one file, and what its hosts run, on top of everything that is there',
  watch(world, broken) {
    return {
      atEnd() {
        const commits = [...world.ledger.history()];
        commits.forEach(({ message, files, id }, n) => {
          const own = ownOf(world, message);
          const parent = commits[n - 1];
          if (own === undefined || parent === undefined) return;
          const { by, service, environment } = own;
          for (const path of new Set([...files.keys(), ...parent.files.keys()])) {
            const [before, after] = [parent.files.get(path) ?? '', files.get(path) ?? ''];
            const same =
              path === manifestOf(service, environment)
                ? withoutOwn(before, service, own) === withoutOwn(after, service, own)
                : before === after;
            if (!same) broken(`commit ${id} of ${by} changed more than its own, in ${path}`);
          }
        });
      },
    };
  },
};

export const oneCommit: Invariant = {
  name: 'a promotion is one commit at most',
  watch: (world, broken) => ({
    onEffect({ port, method, args, result }) {
      if (port !== 'ledger' || method !== 'commit' || result === undefined) return;
      const { message } = args[0] as { message: string };
      if (lookOf(message) !== undefined) return;
      const id = promotionOf(message);
      const commits = world.ledger.log().filter((commit) => promotionOf(commit.message) === id);
      if (commits.length !== 1) broken(`${id} is ${commits.length} commits`);
    },
  }),
};
