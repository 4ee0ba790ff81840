import { keys } from '../../lambdas/adapters/table-keys.ts';
import type { Scenario } from './scenario.ts';
import type { Run } from './world/functions.ts';
import type { Sabotage } from './world/options.ts';
import type { Ports } from './world/ports.ts';

/** Only some functions do wrong. */
export const within =
  (names: readonly string[], change: (run: Run) => Run): Sabotage =>
  (run, process) =>
    names.includes(process.name) ? change(run) : run;

export const withPorts =
  (change: (ports: Ports) => Partial<Ports>) =>
  (run: Run): Run => ({ ...run, ports: { ...run.ports, ...change(run.ports) } });

/** An object like this one but for some methods. */
export function but<T extends object>(target: T, methods: Partial<T>): T {
  return new Proxy(target, {
    get(_, key) {
      const own = Reflect.get(methods, key);
      const member: unknown = own ?? Reflect.get(target, key, target);
      return typeof member === 'function' && own === undefined ? member.bind(target) : member;
    },
  });
}

export interface Planted {
  readonly mistake: string;
  /** The beginning of the invariant's name. */
  readonly breaks: string;
  /** What it must say is wrong, where the invariant has several rules. */
  readonly says?: RegExp;
  readonly sabotage: Sabotage;
  /** Which scenarios are worth playing for it. @default all */
  readonly among?: (scenario: Scenario) => boolean;
}

/** One mistake that somebody could make, for each invariant that must see it. */
export const PLANTED: readonly Planted[] = [
  {
    mistake: 'the gates and the landing go by a policy without approvals',
    breaks: 'nothing lands without the approvals',
    sabotage: within(['check-gates', 'update-ledger'], withoutApprovals),
  },
  {
    mistake: 'whoever asks for the lock of a later stage has it',
    breaks: 'one promotion at a time',
    sabotage: withPorts(({ lines }) => ({
      lines: but(lines, {
        take: async (ref, at) => (ref.environment === 'dev' ? lines.take(ref, at) : { ours: true }),
      }),
    })),
  },
  {
    mistake: 'the lock is not given back with the ending',
    breaks: 'a lock never outlives',
    sabotage: withPorts(({ lines, promotions }) => ({
      lines: but(lines, {
        end: async (ref, ending, at) => {
          await promotions.note(ref, { state: ending.state }, at);
          return { ended: await promotions.get(ref) };
        },
      }),
    })),
  },
  {
    mistake: 'a failure overwrites the ending that was recorded before',
    breaks: 'a promotion ends once',
    sabotage: overwriteEndings,
  },
  {
    mistake: 'the whole file is written as it was read some time before',
    breaks: 'a commit changes one line',
    sabotage: within(
      ['update-ledger'],
      withPorts(({ ledger }) => ({
        ledger: but(ledger, {
          commit: (change) =>
            ledger.commit({
              ...change,
              files: new Map(
                [...change.files].map(([path, text]) => [
                  path,
                  text.replace(/replicas: .*/, 'replicas: 2'),
                ]),
              ),
            }),
        }),
      })),
    ),
  },
  {
    mistake: 'a try after a lost reply believes what was read before the first',
    breaks: 'a promotion is one commit at most',
    sabotage: within(
      ['update-ledger'],
      withPorts(({ ledger }) => ({
        ledger: but(ledger, {
          read: async (paths, since) => {
            const { files, ...snapshot } = await ledger.read(paths, since);
            const before = [...files].map(([path, text]) => [
              path,
              text.replace(/tag: .*/, 'tag: "0"'),
            ]);
            return { ...snapshot, files: new Map(before as [string, string][]), commits: [] };
          },
        }),
      })),
    ),
  },
  {
    mistake: 'nobody is ever woken',
    breaks: 'once nothing goes wrong any more',
    sabotage: withPorts(({ executions }) => ({
      executions: but(executions, { wake: async () => {} }),
    })),
  },
  {
    mistake: 'a sweep does not list the sources',
    breaks: 'every push is a release',
    sabotage: withPorts(({ sources }) => ({ sources: but(sources, { images: async () => [] }) })),
  },
  {
    mistake: 'a refused push is not written down',
    breaks: 'every push is a release',
    sabotage: withPorts(({ releases }) => ({
      releases: but(releases, {
        admit: async (release) => ({ outcome: 'known', release }),
      }),
    })),
  },
  {
    mistake: 'a release is admitted without the promotion that it starts',
    breaks: 'every push is a release',
    sabotage: withPorts(({ releases }) => ({
      releases: but(releases, { admit: (release) => releases.admit(release) }),
    })),
  },
  {
    mistake: 'a promotion is called promoted before it has landed',
    breaks: 'the record says what was done',
    sabotage: within(
      ['update-ledger'],
      withPorts(({ ledger }) => ({
        ledger: but(ledger, {
          commit: async (change) => ({ id: change.expectedHead, message: '', url: '' }),
        }),
      })),
    ),
  },
  {
    mistake: 'a task token is kept as it is',
    breaks: 'no token is in the table',
    sabotage: withPorts(({ sealer }) => ({
      sealer: but(sealer, { seal: async (_, token) => token, open: async (_, sealed) => sealed }),
    })),
  },
  {
    mistake: 'a waiter that parks while the lock is given back is woken by nobody',
    breaks: 'nobody waits behind a free lock',
    among: ({ faults }) => faults.every(({ kind }) => kind === 'delay'),
    sabotage: withPorts(({ lines }) => ({
      lines: but(lines, {
        end: async (ref, ending, at) => {
          const { ended, next } = await lines.end(ref, ending, at);
          const { holder } = await lines.read(ref.service, ref.environment);
          return next !== undefined && holder === undefined
            ? { ended }
            : { ended, ...(next && { next }) };
        },
      }),
    })),
  },
  {
    mistake: 'who waits for an approval is woken at once to look again',
    breaks: 'an execution stays under',
    among: ({ changes }) => changes.prod?.promotion === 'auto' && changes.qa?.promotion === 'auto',
    sabotage: within(
      ['request-approval'],
      withPorts(({ executions, sealer }) => ({
        sealer: but(sealer, {
          seal: async (promotion, token) => {
            await executions.wake(token);
            return sealer.seal(promotion, token);
          },
        }),
      })),
    ),
  },
];

/** The record of a promotion is written as it ends now, whatever it says already. */
/** The configuration of somebody who asks nobody. */
export function withoutApprovals(run: Run): Run {
  const environments = Object.fromEntries(
    Object.entries(run.config.environments).map(([name, { approval: _, ...rest }]) => [name, rest]),
  ) as Run['config']['environments'];
  return { ...run, config: { ...run.config, environments } };
}

function overwriteEndings(run: Run): Run {
  const { lines, table } = run.ports;
  return withPorts(() => ({
    lines: but(lines, {
      end: async (ref, ending, at) => {
        const { ended, next } = await lines.end(ref, ending, at);
        const overwritten = { ...ended, state: ending.state };
        const { service, environment, promotion } = ref;
        const key = keys.promotion(service, environment, promotion);
        await table.write([{ ...key, expected: 'any', value: overwritten }]);
        return { ended: overwritten, ...(next && { next }) };
      },
    }),
  }))(run);
}
