import { type Invariant, manifestOf, promotionOf } from './invariant.ts';

/** Every line but the one that says which version of the service runs. */
const rest = (text: string, service = '') =>
  text
    .replace(/^( *tag:).*$/m, '$1')
    .replace(new RegExp(`^(${service}:\\n *version:).*$`, 'm'), '$1');

export const noLostEdit: Invariant = {
  name: 'a commit changes one line of one file, on top of everything that is there',
  watch(world, broken) {
    return {
      atEnd() {
        const commits = [...world.ledger.history()];
        commits.forEach(({ message, files, id }, n) => {
          const promotion = promotionOf(message);
          const parent = commits[n - 1];
          if (promotion === undefined || parent === undefined) return;
          const record = world.record(promotion);
          const own = manifestOf(record?.service ?? '', record?.environment ?? '');
          for (const path of new Set([...files.keys(), ...parent.files.keys()])) {
            const [before, after] = [parent.files.get(path) ?? '', files.get(path) ?? ''];
            const same =
              path === own
                ? rest(before, record?.service) === rest(after, record?.service)
                : before === after;
            if (!same)
              broken(`commit ${id} of ${promotion} changed more than its line, in ${path}`);
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
      const id = promotionOf((args[0] as { message: string }).message);
      const commits = world.ledger.log().filter(({ message }) => promotionOf(message) === id);
      if (commits.length !== 1) broken(`${id} is ${commits.length} commits`);
    },
  }),
};
