import { createHash } from 'node:crypto';
import { isFinal, type Promotion, type Release } from '../../../lambdas/domain/promotion.ts';
import { repository } from '../../promote/shop.ts';
import type { World } from '../world/world.ts';
import { type Invariant, promotionOf } from './invariant.ts';

export const comesToAnEnd: Invariant = {
  name: 'once nothing goes wrong any more, everything comes to an end',
  watch: (world, broken) => ({
    atEnd() {
      for (const { id, state, because } of world.records())
        if (!isFinal(state)) broken(`${id} is still ${state}: ${because}`);
      for (const execution of world.promotes.all)
        if (!execution.isOver) broken(`${execution.name} runs in ${execution.states.at(-1)}`);
      for (const { pk, sk } of world.table.contents)
        if (/#L#(LOCK|WAIT)/.test(sk)) broken(`${pk} ${sk} is left over`);
    },
  }),
};

export const accountedFor: Invariant = {
  name: 'every push is a release or a refusal, and every release was promoted or says why not',
  watch: (world, broken) => ({
    atEnd() {
      const rows = world.table.contents;
      const releases = rows.filter(({ sk }) => sk.startsWith('R#')).map(({ value }) => value);
      for (const { service, version: tag, digest } of world.pushed) {
        const known = releases.some((value) => {
          const { release } = value as { release?: Release };
          return release?.service === service && release?.digest === digest;
        });
        const refused = releases.some((value) => (value as { digest?: string }).digest === digest);
        if (!known && !refused) broken(`${service} ${tag} was pushed and is nowhere`);
        // Its first stage takes it by itself in every scenario; each final state has its reason (`comesToAnEnd`).
        const promotion = world
          .records()
          .find((record) => record.environment === 'dev' && record.digest === digest);
        if (known && promotion === undefined) broken(`${service} ${tag} never came to dev`);
      }
    },
  }),
};

export const recordsAreTrue: Invariant = {
  name: 'the record says what was done, and what was done is recorded',
  watch: (world, broken) => ({
    atEnd() {
      const commits = new Map(
        world.ledger.log().flatMap(({ message, id }) => {
          const promotion = promotionOf(message);
          return promotion === undefined ? [] : [[promotion, id] as const];
        }),
      );
      for (const record of world.records()) {
        const { id, state, steps, environment, version, digest } = record;
        const commit = commits.get(id);
        if (state === 'promoted') {
          if (commit === undefined && steps.ledger?.outcome !== 'already-so')
            broken(`${id} is promoted and is no commit`);
          if (steps.verify?.digest !== digest) broken(`${id} is promoted and was not verified`);
          const there = landedDigest(world, record);
          if (there !== digest)
            broken(`${id} is promoted and ${environment} has ${there} at ${version}`);
        }
        if (commit !== undefined && steps.ledger?.commit !== commit)
          broken(`${id} is ${state} and its commit ${commit} is not in its record`);
      }
    },
  }),
};

/** What an environment has under a version, by its registry or its bucket. */
function landedDigest(
  world: World,
  { service, environment, version, destination }: Promotion,
): string | undefined {
  if ('repository' in destination)
    return world.registries[environment]?.contents(repository(service)).tags[version];
  const bytes = world.buckets[destination.bucket]?.bytesOf(destination.key);
  return bytes && `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}
