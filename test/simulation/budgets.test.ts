import { describe, expect, it } from 'vitest';
import type { ConveyorConfig } from '../../lambdas/domain/config.ts';
import { Version } from '../../lambdas/domain/names.ts';
import type { Ledger } from '../../lambdas/ports/ledger.ts';
import type { Registry } from '../../lambdas/ports/registry.ts';
import { pushGraph } from '../copy/image-graph.ts';
import { effort, FULL } from '../effort.ts';
import { accounts, qa, repository, shop } from '../promote/shop.ts';
import type { Act } from './acts.ts';
import { StatesError } from './asl/errors.ts';
import type { Execution } from './asl/interpreter.ts';
import type { Call } from './asl/platform.ts';
import { MOST_EVENTS } from './invariants/quiet.ts';
import { measureFleet } from './measure-fleet.ts';
import { drawScenario } from './scenario.ts';
import { simulate } from './simulate.ts';
import { manyServices } from './storm.ts';
import { Actors } from './world/actors.ts';
import type { Run } from './world/functions.ts';
import { MACHINES } from './world/machines.ts';
import type { WorldOptions } from './world/options.ts';
import type { Process } from './world/process.ts';
import { World } from './world/world.ts';

const MINUTE = 60_000;
const KB = 1_024;
const SLOW = { hosts: 250, rollout: { canary: 0, atOnce: 1 }, slow: true };
/** Images below an index; one more is refused (`lambdas/copy/read-image.ts`). */
const MOST_IMAGES = 500;
const PROD = { approval: { approvers: ['li', 'tom'], expires: '24h' } };

const ask = (environment: string): Act => {
  return { do: 'ask', service: 'payments', environment, by: 'raj', kind: 'promotion', times: 1 };
};
const push: Act = { do: 'push', service: 'payments', version: '41', event: 'once' };
const edit: Act = { do: 'edit', environment: 'prod', service: 'payments', what: 'replicas' };
const vote: Act = { do: 'vote', by: 'li', which: 0, decision: 'approve' };

/** What stands in for a call, or is thrown for it; undefined: the call is made. */
type Instead = (name: string, call: Call | undefined) => unknown;

interface Played {
  readonly world: World;
  /** Bytes of the largest thing that a state handed to a function, or was handed by one. */
  readonly largest: () => number;
}

const SCENARIOS = effort(15, 200);

function build(options: Omit<WorldOptions, 'seed'>, instead: Instead = () => undefined): Played {
  const world = new World({ seed: 1, shuffled: false, slowness: [0, 1], ...options });
  let largest = 0;
  const invoke = world.invoke.bind(world);
  world.invoke = async (name, payload, call) => {
    const result = instead(name, call) ?? (await invoke(name, payload, call));
    const bytes = (value: unknown) => Buffer.byteLength(JSON.stringify(value) ?? '');
    if (call !== undefined) largest = Math.max(largest, bytes(payload), bytes(result));
    return result;
  };
  return { world, largest: () => largest };
}

async function play({ world }: Played, acts: readonly Act[], apart = 20 * MINUTE): Promise<void> {
  const actors = new Actors(world, {}, { readMail: false });
  for (const act of acts) {
    world.loop.spawn(() => actors.act(act));
    await world.loop.run(world.loop.now() + apart);
  }
}

const longest = ({ world }: Played): Execution =>
  world.promotes.all.reduce((a, b) => (b.events.length > a.events.length ? b : a));

/** Fails the first tries of a visit to a state, as many as the definition tries again. */
const untilTheLastTry = (call: Call | undefined): void => {
  const state = call && MACHINES.promote.definition.States[call.state];
  if (call === undefined || state === undefined || !('Retry' in state)) return;
  if (call.attempt < (state.Retry[0]?.MaxAttempts ?? 0))
    throw new StatesError('Unavailable', 'throttled');
};

describe('a promotion with the longest story', () => {
  /** Asked anew five times, then copied in ten goes of fifteen minutes. */
  const acts = [push, ask('qa'), ask('prod'), ...Array(5).fill([edit, vote]).flat(), vote];
  const config = shop({ qa: {}, prod: PROD });
  const slow = { config, layers: 36, slowness: [424_000, 426_000] as const };

  it.each([
    { what: 'where nothing fails', most: 200, instead: () => undefined },
    {
      what: 'where every step is tried as often as it may be, once',
      most: MOST_EVENTS,
      instead: () => {
        const seen = new Set<string>();
        return (_: string, call: Call | undefined) => {
          if (call === undefined) return;
          const visit = `${call.execution} ${call.state}`;
          if (call.attempt === 0 && seen.has(visit)) seen.add(`${visit} again`);
          seen.add(visit);
          if (!seen.has(`${visit} again`)) untilTheLastTry(call);
        };
      },
    },
    {
      what: 'where every visit to every step is tried as often as it may be',
      // More than the budget of one promotion, and a fortieth of what an execution may have.
      most: 25_000 / 40,
      instead: () => (_: string, call: Call | undefined) => untilTheLastTry(call),
    },
  ])('stays under $most events $what', async ({ most, instead }) => {
    const played = build(slow, instead() as Instead);

    await play(played, acts, 4 * 60 * MINUTE);

    const execution = longest(played);
    const count = (state: string) => execution.states.filter((one) => one === state).length;
    expect(played.world.record(execution.name)?.state).toBe('promoted');
    expect([count('Wait for approval'), count('Copy')]).toEqual([6, 10]);
    expect(execution.events.length).toBeLessThanOrEqual(most);
  });
});

describe('what a state is given and hands on', () => {
  it('stays under 32 KB for the largest index that is carried', async () => {
    const played = build({ config: shop({ qa: {}, prod: {} }) });
    const { world } = played;
    const children = Array.from({ length: MOST_IMAGES }, (_, n) => ({
      config: '{}',
      layers: [`layer ${n}`],
    }));
    const place = { account: accounts.dev as never, repository: repository('payments') };
    const registry = world.registries.dev as Registry;
    const tag = Version.parse('41');
    const { digest } = await pushGraph(registry, place.repository, children, tag);
    const at = new Date(world.loop.now()).toISOString();
    const event = { ...place, region: 'us-east-1', digest, tag, at, announcedBy: 'event' };
    world.loop.spawn(() => world.deliver('image-pushed', event));
    await world.loop.run(world.loop.now() + 20 * MINUTE);

    await play(played, [ask('qa')]);

    const record = world.records().find(({ environment }) => environment === 'qa');
    expect(record?.state).toBe('promoted');
    expect(record?.steps.verify?.children).toHaveLength(MOST_IMAGES);
    expect(played.largest()).toBeLessThanOrEqual(32 * KB);
    // An item of DynamoDB may have 400 KB.
    expect(JSON.stringify(record).length).toBeLessThanOrEqual(64 * KB);
  });
});

describe('what a promotion asks of GitHub', () => {
  it('is one commit at most, and few readings, whatever goes wrong', async () => {
    const commits: Map<string, number> = new Map();
    const reads: Map<string, number> = new Map();
    let promotions = 0;
    for (let seed = 1; seed <= SCENARIOS; seed++) {
      const sabotage = (run: Run, { subject, name, id }: Process): Run => {
        // Who lands nothing has each of its runs for itself.
        const of = `${seed} ${subject ?? `${name} by itself, ${id}`}`;
        const ledger: Ledger = {
          read: (paths, since) => {
            add(reads, of);
            return run.ports.ledger.read(paths, since);
          },
          commit: async (change) => {
            const made = await run.ports.ledger.commit(change);
            if (made !== undefined) add(commits, of);
            return made;
          },
        };
        return { ...run, ports: { ...run.ports, ledger } };
      };
      const { broken, endings } = await simulate(drawScenario(seed), { sabotage });
      expect(broken).toBeUndefined();
      promotions += Object.values(endings).reduce((sum, n) => sum + n, 0);
    }

    const own = [...reads].filter(([of]) => !of.includes(' by itself, ')).map(([, n]) => n);
    expect(Math.max(...commits.values())).toBe(1);
    expect(Math.max(...own)).toBeLessThanOrEqual(20);
    const all = [...reads.values()].reduce((sum, n) => sum + n, 0);
    expect(all / promotions).toBeLessThanOrEqual(3);
  }, 600_000);
});

describe('a release to a fleet', () => {
  it.each([
    { what: '1,000 hosts', options: { hosts: 1_000 } },
    { what: '300 hosts, half of them off', options: { hosts: 300, off: 5 } },
    // Two days of them; `bench/fleet.ts` has these too.
    ...(FULL ? [{ what: '250 slow hosts, one after the other', options: SLOW }] : []),
  ])(
    'stays within the limits of AWS: $what',
    async ({ options }) => {
      const { state, events, calls, ...sizes } = await measureFleet(options);

      expect(state).toBe('promoted');
      // Of 25,000; an eleventh is left for retries.
      expect(events).toBeLessThanOrEqual(22_700);
      const { SendCommand = 0, ListCommands, CancelCommand } = calls;
      expect(SendCommand / options.hosts).toBeLessThanOrEqual(2);
      expect([ListCommands, CancelCommand]).toEqual([undefined, undefined]);
      expect(sizes.largestPayload).toBeLessThanOrEqual(32 * KB);
      expect(sizes.largestItem).toBeLessThanOrEqual(400_000 / 4);
      expect(sizes.largestWrite).toBeLessThanOrEqual(4_000_000 / 4);
    },
    120_000,
  );
});

describe('a sweep', () => {
  /** Five hundred lines and more, with the longest names that there may be. */
  const config = (services: number) => {
    const { environments, ...rest } = manyServices(services, { qa: {}, prod: {} });
    const config = { ...rest, environments: { ...environments, perf: environments[qa] } };
    for (const service of Object.values(config.services))
      Object.assign(service, { stages: ['dev', 'qa', 'perf', 'prod'] });
    return config as ConveyorConfig;
  };
  const LINES = 800;

  it.each([
    { what: 'mends them all', instead: () => undefined, status: 'SUCCEEDED' },
    {
      what: 'ends in order where every one of them fails, as often as it is tried',
      instead: (name: string) => {
        if (name === 'mend-line') throw new StatesError('Unavailable', 'x'.repeat(60));
      },
      status: 'FAILED',
    },
  ])(
    `carries ${LINES} lines, and $what`,
    async ({ instead, status }) => {
      const { world, largest } = build({ config: config(LINES / 4) }, instead);
      const execution = world.sweep();

      await world.loop.run(world.loop.now() + 10 * 60 * MINUTE);

      expect([execution.status, execution.error ?? 'SweptInPart']).toEqual([status, 'SweptInPart']);
      expect(execution.events.length).toBeLessThan(25_000);
      expect(largest()).toBeLessThan(256 * KB);
    },
    600_000,
  );
});

function add(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}
