import { describe, expect, it } from 'vitest';
import { effort } from '../effort.ts';
import { INVARIANTS } from './invariants/index.ts';
import { PLANTED, type Planted } from './sabotage.ts';
import { PLANTED_HOSTS } from './sabotage-hosts.ts';
import { PLANTED_PROVISION } from './sabotage-provision.ts';
import { PLANTED_UPLOADS } from './sabotage-uploads.ts';
import { drawScenario } from './scenario.ts';
import { partsOf, shrink, tell } from './shrink.ts';
import { simulate } from './simulate.ts';

const MOST_SEEDS = 1_500;
const ALL = [...PLANTED, ...PLANTED_UPLOADS, ...PLANTED_HOSTS, ...PLANTED_PROVISION];
/** In `npm test` some that are found soon, of every kind. */
const LOOKED_FOR = ALL.filter((_, n) => n % effort(6, 1) === effort(4, 0));

/** The first scenario that breaks that invariant. */
async function find({ breaks, says = /./, sabotage, among = () => true }: Planted) {
  for (let seed = 1; seed <= MOST_SEEDS; seed++) {
    const scenario = drawScenario(seed);
    if (!among(scenario)) continue;
    const { broken } = await simulate(scenario, { sabotage });
    if (broken?.invariant.startsWith(breaks) && says.test(broken.what)) return scenario;
  }
  throw new Error(`${MOST_SEEDS} scenarios did not find it`);
}

describe('a mistake that is planted', () => {
  it.each(LOOKED_FOR)(
    'is found: $mistake',
    async (plant) => {
      const { breaks, sabotage } = plant;

      const scenario = await find(plant);

      expect((await simulate(scenario)).broken).toBeUndefined();
      const story = await shrink(scenario, { sabotage });
      expect(story.report.broken?.invariant).toContain(breaks);
      expect(story.parts.length).toBeLessThanOrEqual(partsOf(scenario).length);
      const replay = `npm run simulate -- --seed ${scenario.seed} --only`;
      expect(tell(scenario, story)).toContain(replay);
    },
    600_000,
  );

  it('is there for every invariant', () => {
    const missed = INVARIANTS.filter(
      ({ name }) => !ALL.some(({ breaks }) => name.startsWith(breaks)),
    );
    expect(missed.map(({ name }) => name)).toEqual([]);
  });
});
