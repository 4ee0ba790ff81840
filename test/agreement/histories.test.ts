import { describe, expect, it, vi } from 'vitest';
import type { z } from 'zod';
import { entryPoints } from '../../infra/support/bundle.ts';
import { goldenHistories } from './histories.ts';
import { type HistoryEvent, readHistory } from './history.ts';
import { ourDefinition, replay } from './replay.ts';

// Of an entry point only what it takes is asked for here: no client, no environment.
vi.mock('../../lambdas/runtime/handler.ts', () => ({ makeHandler: (schema: unknown) => schema }));
vi.mock('../../lambdas/runtime/env.ts', () => ({
  readEnv: () => new Proxy({}, { get: (_, name) => String(name) }),
}));

const golden = goldenHistories();
const named = golden.map((one) => [one.name, one] as const);
const startingWith = (prefix: string) => {
  const found = golden.find(({ name }) => name.startsWith(prefix));
  if (found === undefined) throw new Error(`there is no history ${prefix}`);
  return found;
};

describe('histories of executions, finished and open', () => {
  it('are there of every kind', () => {
    const kinds = new Set(golden.map(({ name }) => name.replace(/-\d+$/, '')));

    expect([...kinds]).toEqual(
      expect.arrayContaining([
        ...['promote-promoted', 'promote-rejected', 'promote-failed', 'sweep-swept'],
        'promote-open-wait-for-approval',
      ]),
    );
  });

  it.each(named)('%s goes the same way through the machine of today', async (_, one) => {
    const { divergences } = await replay(ourDefinition(one.machine), one.events);

    expect(divergences).toEqual([]);
  });

  it.each(named)('%s does so from every moment at which an upgrade can find it', async (_, one) => {
    const definition = ourDefinition(one.machine);
    for (let length = 1; length < one.events.length; length += 1) {
      const { divergences } = await replay(definition, one.events.slice(0, length));

      expect(divergences, `after ${length} events`).toEqual([]);
    }
  });

  it('an open one that waits for approval goes on to its end once it is woken', async () => {
    const { events } = startingWith('promote-open-wait-for-approval');
    const results = resultsOf(startingWith('promote-promoted').events);
    const open = await replay(ourDefinition('promote'), events);
    expect(open.waitingFor).toBe('request-approval');

    const { status, states } = await open.goOn({}, async (name) =>
      name === 'check-gates'
        ? { ...(results.get(name) as object), verdict: 'proceed' }
        : results.get(name),
    );

    expect(status).toBe('SUCCEEDED');
    expect(states.at(-1)).toBe('Promoted');
  });

  it('one that was parked in the line goes on to its end once it is woken', async () => {
    const calls = (one: HistoryEvent) => one.taskScheduledEventDetails?.parameters ?? '';
    const parks = (one: HistoryEvent) => calls(one).includes(':conveyor-park-turn');
    const whole = golden.find(({ events }) => events.some(parks))?.events ?? [];
    const open = await replay(ourDefinition('promote'), whole.slice(0, whole.findIndex(parks) + 1));
    expect(open.waitingFor).toBe('park-turn');
    const results = resultsOf(whole);

    const { status, states } = await open.goOn({}, async (name) => results.get(name));

    expect([status, states.at(-1)]).toEqual(['SUCCEEDED', 'Promoted']);
  });

  it.each(named)('the functions of today take what %s gave theirs', async (_, { events }) => {
    const entries = entryPoints();
    for (const call of readHistory(events).calls) {
      const entry = entries.get(call.function);
      expect(entry, call.function).toBeDefined();
      const { handler } = (await import(/* @vite-ignore */ String(entry))) as {
        handler: z.ZodType;
      };

      expect(handler.safeParse(call.payload).error, call.function).toBeUndefined();
    }
  });
});

describe('a replay notices', () => {
  const { machine, events } = startingWith('promote-promoted');
  const changed = (change: (text: string) => string) =>
    JSON.parse(change(JSON.stringify(ourDefinition(machine))));
  const notices = async (definition: never, told: readonly HistoryEvent[] = events) =>
    (await replay(definition, told)).divergences.join('\n');

  it('another payload', async () => {
    const definition = changed((text) => text.replace("{'ending': $ending}", "{'end': $ending}"));

    expect(await notices(definition as never)).toContain('calls finish-promotion with');
  });

  it('another way through the states', async () => {
    const definition = changed((text) => text.replace('"Next":"Land"', '"Next":"Observe"'));

    expect(await notices(definition as never)).toMatch(
      /^calls observe-argocd with .*recorded was update-ledger/m,
    );
  });

  it('a result that no longer has what the machine reads', async () => {
    const told = events.map((event) => {
      const output = event.taskSucceededEventDetails?.output;
      if (output === undefined) return event;
      const renamed = output.replace('"verdict"', '"decision"');
      return { ...event, taskSucceededEventDetails: { output: renamed } };
    });

    expect(await notices(ourDefinition(machine) as never, told)).toContain('Record failure');
  });

  it('a call that is no longer made', async () => {
    const definition = changed((text) =>
      text
        .replace('"Next":"Verify"', '"Next":"Land"')
        .replace('"Default":"Verify"', '"Default":"Land"'),
    );

    expect(await notices(definition as never)).not.toBe('');
  });
});

/** What each function returned last. */
function resultsOf(events: readonly HistoryEvent[]): ReadonlyMap<string, unknown> {
  return new Map(
    readHistory(events).calls.flatMap(({ function: name, outcome }) =>
      outcome !== undefined && 'output' in outcome
        ? [[name, (outcome.output as { Payload?: unknown }).Payload] as const]
        : [],
    ),
  );
}
