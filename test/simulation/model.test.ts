import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TableLines } from '../../lambdas/adapters/table-lines.ts';
import { EnvironmentName, ServiceName } from '../../lambdas/domain/names.ts';
import { effort } from '../effort.ts';
import { wrongEndings } from './endings.ts';
import { begin, landedIn, lastDeadline, lineOf, make, type Promised, queueOf } from './model.ts';
import {
  act,
  anyRules,
  asks,
  type Move,
  makeReal,
  pushes,
  type Real,
  type Rules,
  STAGES,
  type Stage,
  votes,
  waits,
} from './moves.ts';
import type { World } from './world/world.ts';

const SEED = 20_261_121;
const RUNS = effort(25, 1_000);
/** Each of these goes on for days, until all that was asked for has run out. */
const CROWDS = effort(12, 500);
const MINUTE = 60_000;
/** Between two moves: whatever one sets off is over well before the next. */
const APART = 15 * MINUTE;
const SERVICES = ['payments', 'orders'] as const;

/** A move in the model and in the world; then both must say the same. */
class Step implements fc.AsyncCommand<Promised, Real> {
  constructor(readonly move: Move) {}

  check = (): boolean => true;

  async run(promised: Promised, real: Real): Promise<void> {
    const { loop, startedAt } = real.world;
    promised.now = loop.now() - startedAt;
    const until = this.move.do === 'wait' ? lastDeadline(promised) + APART : promised.now;
    make(promised, this.move);
    loop.spawn(() => act(real, this.move));
    await loop.run(startedAt + until + APART);
    expect(await seen(real.world)).toEqual(said(promised));
  }

  toString = (): string => JSON.stringify(this.move);
}

const commands = fc.commands(
  [pushes, pushes, asks, asks, asks, votes, votes, votes, waits].map((moves) =>
    moves.map((move) => new Step(move)),
  ),
  { maxCommands: 30, size: '+1' },
);

const name = (story: Record<'service' | 'environment' | 'kind', string> & { version: unknown }) =>
  `${story.service} ${story.version} ${story.kind} in ${story.environment}`;

function said(promised: Promised) {
  return {
    promotions: promised.stories.map((story) => `${name(story)}: ${story.state}`),
    lines: SERVICES.flatMap((service) =>
      STAGES.map((stage) => {
        const line = lineOf(promised, service, stage);
        const landed = landedIn(line);
        return {
          holder: line.holder && name(line.holder),
          queue: queueOf(line).map(name),
          landed: landed && `${landed}`,
        };
      }),
    ),
  };
}

async function seen(world: World) {
  const table = new TableLines(world.table);
  const nameOf = (id: string) => {
    const record = world.record(id);
    if (record === undefined) throw new Error(`${id} is in a line and has no record`);
    return name(record);
  };
  const lines = SERVICES.flatMap((service) =>
    STAGES.map(async (stage) => {
      const at = [ServiceName.parse(service), EnvironmentName.parse(stage)] as const;
      const { holder, waiters, landed } = await table.read(...at);
      return {
        holder: holder && nameOf(holder.promotion),
        queue: waiters.map(({ promotion }) => nameOf(promotion)),
        landed: landed?.version as string | undefined,
      };
    }),
  );
  return {
    promotions: world.records().map((record) => `${name(record)}: ${record.state}`),
    lines: await Promise.all(lines),
  };
}

const crowd = fc.array(fc.record({ at: fc.nat(90_000), move: fc.oneof(pushes, pushes, asks) }), {
  minLength: 3,
  maxLength: 12,
  size: '+1',
});

/** All of it within a minute and a half; approvers answer their mail or do not; then whatever was asked for runs out. */
async function atOnce({ world, actors }: Real, moves: readonly { at: number; move: Move }[]) {
  const { loop, startedAt } = world;
  for (const { at, move } of moves)
    loop.spawn(async () => {
      await loop.until(startedAt + at);
      await act({ world, actors }, move);
    });
  for (let days = 0; days < 15; days++) {
    await loop.run(loop.now() + 25 * 60 * MINUTE);
    if (world.records().every(({ endedAt }) => endedAt !== undefined)) break;
  }
}

describe('what was promised', () => {
  it('is what happens, move by move', async () => {
    await fc.assert(
      fc.asyncProperty(anyRules, commands, (rules, moves) =>
        fc.asyncModelRun(
          () => ({ model: begin(rules), real: makeReal(rules, { seed: 1, byChance: false }) }),
          moves,
        ),
      ),
      { seed: SEED, numRuns: RUNS },
    );
  }, 600_000);

  it('leaves room for chance only in who comes first, where all happens at once', async () => {
    await fc.assert(
      fc.asyncProperty(anyRules, crowd, fc.nat(), async (rules, moves, seed) => {
        const real = makeReal(rules, { seed, byChance: true });

        await atOnce(real, moves);

        expect(wrongEndings(real.world, rules)).toEqual([]);
      }),
      { seed: SEED, numRuns: CROWDS },
    );
  }, 600_000);

  it('goes on by the next sweep, where what waits behind may only now go before it', async () => {
    const rules: Rules = {
      dev: { auto: true, strategy: 'every' },
      qa: { auto: false, strategy: 'every' },
      prod: {
        auto: false,
        strategy: 'latest',
        approval: { approvers: ['li'], minimum: 1, selfApproval: false },
      },
    };
    const ask = (environment: Stage, version: number): Move => {
      return { do: 'ask', service: 'payments', environment, version, by: 'raj', kind: 'promotion' };
    };
    const push = (version: number): Move => ({ do: 'push', service: 'payments', version });
    const { world, actors } = makeReal(rules, { seed: 1, byChance: false });
    // 42 stands behind 41 in prod before qa has it, so nothing of prod hears when qa does.
    const moves = [
      push(41),
      ask('qa', 41),
      ask('prod', 41),
      push(42),
      ask('prod', 42),
      ask('qa', 42),
    ];
    for (const move of moves) {
      world.loop.spawn(() => act({ world, actors }, move));
      await world.loop.run(world.loop.now() + APART);
    }

    world.sweep();
    await world.loop.run(world.loop.now() + APART);

    const prod = world.records().filter(({ environment }) => environment === 'prod');
    expect(prod.map(({ state }) => state)).toEqual(['superseded', 'awaiting approval']);
  });
});
