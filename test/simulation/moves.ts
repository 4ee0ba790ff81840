import fc from 'fast-check';
import { type Changes, shop } from '../promote/shop.ts';
import { Actors } from './world/actors.ts';
import { World } from './world/world.ts';

export const STAGES = ['dev', 'qa', 'prod'] as const;
export type Stage = (typeof STAGES)[number];

/** What an environment demands; without `approval` nobody is asked. */
export interface Rule {
  readonly auto: boolean;
  readonly strategy: 'latest' | 'every';
  readonly approval?: {
    readonly approvers: readonly string[];
    readonly minimum: number;
    readonly selfApproval: boolean;
  };
}
export type Rules = Readonly<Record<Stage, Rule>>;

/** What somebody does, or does not do. */
export type Move =
  | { readonly do: 'push'; readonly service: string; readonly version: number }
  | {
      readonly do: 'ask';
      readonly service: string;
      readonly environment: Stage;
      readonly by: string;
      readonly kind: 'promotion' | 'rollback';
      readonly version?: number;
    }
  /** Of all that await an approval, the `which`th, counted round. */
  | {
      readonly do: 'vote';
      readonly by: string;
      readonly which: number;
      readonly decision: 'approve' | 'reject';
    }
  /** As much time as it takes until whoever is asked by now would answer too late. */
  | { readonly do: 'wait' };

const PEOPLE = ['ana', 'li', 'tom', 'mei', 'raj'] as const;

const strategy = fc.constantFrom('latest', 'every');
const approval = fc.record({
  approvers: fc.constantFrom(['ana', 'li', 'tom'], ['ana', 'li'], ['li', 'tom', 'mei', 'raj']),
  minimum: fc.constantFrom(1, 1, 2),
  selfApproval: fc.boolean(),
});
/** How often somebody must be asked, to how often nobody is. */
const rule = (asking: number, silent: number): fc.Arbitrary<Rule> =>
  fc
    .record({
      auto: fc.boolean(),
      strategy,
      approval: fc.oneof(
        { weight: asking, arbitrary: approval },
        { weight: silent, arbitrary: fc.constant(undefined) },
      ),
    })
    .map(({ approval, ...rest }) => ({ ...rest, ...(approval && { approval }) }) as Rule);

export const anyRules: fc.Arbitrary<Rules> = fc.record({
  dev: fc.record({
    auto: fc.constantFrom(true, true, true, false),
    strategy,
  }) as fc.Arbitrary<Rule>,
  qa: rule(1, 3),
  prod: rule(5, 1),
});

const service = fc.constantFrom('payments', 'payments', 'payments', 'payments', 'orders');
const version = fc.integer({ min: 41, max: 44 });
const by = fc.constantFrom(...PEOPLE);
export const pushes: fc.Arbitrary<Move> = fc.record({ do: fc.constant('push'), service, version });
export const asks = fc.record(
  {
    do: fc.constant('ask'),
    service,
    environment: fc.constantFrom('qa', 'qa', 'qa', 'prod', 'prod', 'prod', 'prod', 'dev'),
    by,
    kind: fc.constantFrom('promotion', 'promotion', 'promotion', 'rollback'),
    version,
  },
  { requiredKeys: ['do', 'service', 'environment', 'by', 'kind'] },
) as fc.Arbitrary<Move>;
export const votes = fc.record({
  do: fc.constant('vote'),
  by,
  which: fc.nat(1),
  decision: fc.constantFrom('approve', 'approve', 'approve', 'reject'),
}) as fc.Arbitrary<Move>;
export const waits = fc.constant<Move>({ do: 'wait' });

/** Conveyor itself, with all who deal with it. */
export interface Real {
  readonly world: World;
  readonly actors: Actors;
}

export interface RealOptions {
  readonly seed: number;
  /** Who goes first is chance, and so is what a reader of mail answers. */
  readonly byChance: boolean;
}

export function makeReal(rules: Rules, { seed, byChance }: RealOptions): Real {
  const changes = asChanges(rules);
  const slowness = byChance ? ([0, 3_000] as const) : ([0, 1] as const);
  const world = new World({ seed, config: shop(changes), shuffled: byChance, slowness });
  return { world, actors: new Actors(world, changes, { readMail: byChance }) };
}

/** Does what a move says. */
export async function act({ actors }: Real, move: Move): Promise<void> {
  if (move.do === 'wait') return;
  if (move.do === 'vote') return actors.act(move);
  if (move.do === 'push') return actors.act({ ...move, version: `${move.version}`, event: 'once' });
  const { version, ...ask } = move;
  return actors.act({ ...ask, times: 1, ...(version && { version: `${version}` }) });
}

/** The rules as `conveyor.yaml` has them. */
function asChanges(rules: Rules): Changes {
  return Object.fromEntries(
    STAGES.map((stage) => {
      const { auto, strategy, approval } = rules[stage];
      const asked = approval && { ...approval, required: true, expires: '24h' };
      return [stage, { promotion: auto ? 'auto' : 'manual', strategy, approval: asked }];
    }),
  );
}
