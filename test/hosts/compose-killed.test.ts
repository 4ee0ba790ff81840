import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { effort } from '../effort.ts';
import { SCRIPT } from './compose-host.ts';
import { buildsOf, type ComposeWorld, openComposeWorld } from './compose-world.ts';

/** Chains of deploys that run beside each other, each on a service of its own. */
const CHAINS = 3;
/** How many lines a normal run dies at; `npm run test:full` at all of them. */
const SAMPLE = 9;
const TIME_LIMIT = effort(900_000, 36_000_000);

let world: ComposeWorld;
beforeAll(async () => {
  world = await openComposeWorld();
  world.desk.parameters.set('/forge/killed/PASSWORD', 'x');
});
afterAll(() => world.close());

// Not what is tested here, and it is waited for some hundred times.
const DOCUMENT = SCRIPT.replace(/^settle_seconds=\d+$/m, 'settle_seconds=1');

/** Those of these lines after which another command could stand: no text of jq or awk goes on there. */
function linesToDieAfter(reached: ReadonlySet<number>): number[] {
  const from = DOCUMENT.split('\n').indexOf('# ---- health');
  return [...reached]
    .map((line) => line - 1)
    .filter((at) => at > from)
    .filter((at) => isWhole(dieAfter(at, 'kill -9 $$')) && !isWhole(dieAfter(at, ')')))
    .sort((a, b) => a - b);
}

function dieAfter(line: number, command: string): string {
  const lines = DOCUMENT.split('\n');
  return [...lines.slice(0, line + 1), command, ...lines.slice(line + 1)].join('\n');
}

function isWhole(script: string): boolean {
  try {
    execFileSync('dash', ['-n'], { input: script, stdio: ['pipe', 'ignore', 'ignore'] });
    return true;
  } catch {
    return false;
  }
}

describe('kill -9 at any line of a deploy', () => {
  it(
    'leaves one version wholly, and the next run ends right',
    async () => {
      const candidates = linesToDieAfter(await linesOfADeploy());
      const step = effort(Math.ceil(candidates.length / SAMPLE), 1);
      const sampled = candidates.filter((_, at) => at % step === 0);

      const deaths = await Promise.all(
        Array.from({ length: CHAINS }, (_, chain) =>
          dieInTurn(sampled.filter((_, at) => at % CHAINS === chain)),
        ),
      );

      expect(candidates.length).toBeGreaterThan(80);
      expect(deaths.reduce((sum, one) => sum + one, 0)).toBeGreaterThan(sampled.length / 2);
    },
    TIME_LIMIT,
  );
});

const REQUEST = { parameters: '/forge/killed', prune: 'none' };

/** @returns how many of the deploys really died */
async function dieInTurn(lines: readonly number[]): Promise<number> {
  const shop = world.newService();
  const versions = [await shop.push('1'), await shop.push('2')] as const;
  const start = await shop.deploy(versions[0], REQUEST, DOCUMENT);
  expect(start.result, start.result.reason).toMatchObject({ state: 'running' });
  let deaths = 0;
  for (const [turn, line] of lines.entries()) {
    const next = versions[turn % 2 === 0 ? 1 : 0];
    const at = `line ${line + 1}: ${DOCUMENT.split('\n')[line]}`;

    const { killed } = await shop.deploy(next, REQUEST, dieAfter(line, 'kill -9 $$'));
    const between = buildsOf(await shop.containers());
    const { result } = await shop.deploy(next, REQUEST, DOCUMENT);

    if (killed) deaths++;
    expect(['1', '2'], at).toContain(between.join());
    expect(result, at).toMatchObject({ state: 'running', ...next, good: next.version });
    expect(buildsOf(await shop.containers()), at).toEqual([next.version]);
    expect(await shop.file('.env'), at).toMatch(`IMAGE_TAG=${next.version}\n`);
  }
  return deaths;
}

/** The numbers of the lines that a second deploy passes, so that no death is wasted on others. Debian’s dash does not count lines. */
async function linesOfADeploy(): Promise<ReadonlySet<number>> {
  const shop = world.newService();
  await shop.deploy(await shop.push('1'), REQUEST, DOCUMENT);
  const traced = `PS4='+@$LINENO '\nset -x\n${DOCUMENT}`;
  await shop.deploy(await shop.push('2'), REQUEST, traced, 'bash');
  const log = await shop.log();
  const added = 2;
  return new Set([...log.matchAll(/^\++@(\d+) /gm)].map(([, line]) => Number(line) - added));
}
