import { afterAll, beforeAll, expect, it } from 'vitest';
import { effort } from '../effort.ts';
import { SCRIPT } from './compose-host.ts';
import {
  buildsOf,
  type ComposeService,
  type ComposeWorld,
  openComposeWorld,
} from './compose-world.ts';
import { killInLanes, LEAST_CHANGED, makeKillable, printPoints, someOf } from './kill-desk.ts';

const TIME = effort(900_000, 7_200_000);
const REQUEST = { parameters: '/forge/killed', prune: 'none' };

// Not what is tested here, and it is waited for some hundred times.
const DOCUMENT = SCRIPT.replace(/^settle_seconds=\d+$/m, 'settle_seconds=1');
const { text: KILLABLE } = makeKillable(DOCUMENT);

let world: ComposeWorld;
beforeAll(async () => {
  world = await openComposeWorld();
  world.desk.parameters.set('/forge/killed/PASSWORD', 'x');
});
afterAll(() => world.close());

it(
  'a deploy that is killed anywhere leaves one version wholly, and the next run ends right',
  async () => {
    const points = await pointsOfADeploy();
    expect(points.length).toBeGreaterThan(100);
    const some = someOf(DOCUMENT, points, 9);

    const { killed, changed } = await killInLanes(some, openShop, async (lane, point) => {
      const { shop, next, last } = lane;
      const state = await stateOf(shop);
      const at = `line ${point}: ${DOCUMENT.split('\n')[point - 1]}`;

      const run = await shop.deploy(next, REQUEST, `KILL_AT=${point}\n${KILLABLE}`);
      if ((await stateOf(shop)) === state) return { killed: run.killed, changed: false };
      [lane.next, lane.last] = [last, next];
      const between = buildsOf(await shop.containers());
      const { result } = await shop.deploy(next, REQUEST, DOCUMENT);

      expect(['1', '2'], at).toContain(between.join());
      expect(result, at).toMatchObject({ state: 'running', ...next, good: next.version });
      expect(buildsOf(await shop.containers()), at).toEqual([next.version]);
      expect(await shop.file('.env'), at).toMatch(`IMAGE_TAG=${next.version}\n`);
      return { killed: run.killed, changed: true };
    });

    expect(killed).toBeGreaterThan(some.length * 0.8);
    expect(changed).toBeGreaterThan(some.length * LEAST_CHANGED);
  },
  TIME,
);

/** A service that runs its first version; the next is the second, then the first again. */
async function openShop() {
  const shop = world.newService();
  const [first, second] = [await shop.push('1'), await shop.push('2')];
  const { result } = await shop.deploy(first, REQUEST, DOCUMENT);
  expect(result, result.reason).toMatchObject({ state: 'running' });
  return { shop, next: second, last: first };
}

/** Everything that a deploy changes. */
const stateOf = ({ service, folder, image }: ComposeService) =>
  world.host.sh(
    `lock=/run/conveyor/$1.lock; [ ! -e $lock ] || flock -w 60 $lock true
     find "$2" "/var/lib/conveyor/$1" -printf '%p %i %m %s %T@ %l\\n' | sort
     docker ps -aq --filter "label=com.docker.compose.project=$1" | sort | xargs -r docker inspect -f '{{.Id}} {{json .State}}'
     docker image ls -q --digests --no-trunc "$3" | sort`,
    ...[service, folder, image],
  );

/** The points that a second deploy passes, so that no kill is wasted on others. */
async function pointsOfADeploy(): Promise<readonly number[]> {
  const { shop, next } = await openShop();
  const file = `/tmp/points-${shop.service}`;
  await shop.deploy(next, REQUEST, `POINTS=${file}\n${KILLABLE}`);
  const passed = await world.host.sh(printPoints(file));
  return passed.trim().split('\n').map(Number);
}
