import { never } from '../loop.ts';
import type { Random } from '../random.ts';
import { errorOf, type Fault, type FaultKind, fitting } from './faults.ts';
import type { Process } from './process.ts';

/** A call of a port that took effect. */
export interface Effect {
  readonly process: Process;
  readonly port: string;
  readonly method: string;
  readonly args: readonly unknown[];
  readonly result: unknown;
}

export interface Wire {
  /** Number of the calls so far. */
  calls: number;
  readonly faults: Map<number, Fault>;
  /** Faults that were injected, by kind. */
  readonly injected: Map<FaultKind, number>;
  /** Hears every effect, at the moment when it is there. */
  readonly onEffect: (effect: Effect) => void;
  readonly say: (line: string) => void;
  /** What others do at that call. */
  readonly triggers: Map<string, () => void>;
  /** Calls so far, by port and method. */
  readonly counts: Map<string, number>;
  /** Until when nothing answers on a port. */
  readonly outages: Map<string, number>;
  /** Milliseconds that an outage lasts. */
  readonly outage: () => number;
  /** Milliseconds that a call takes. */
  readonly latency: (port: string, method: string) => number;
  /** Milliseconds that a slow one takes more. */
  readonly slowness: () => number;
}

/** A wire on which nothing goes wrong yet. */
export function quietWire(
  random: Random,
  [least, most]: readonly [least: number, most: number] = [0, 3_000],
  hooks: Pick<Wire, 'onEffect' | 'say'>,
): Wire {
  return {
    ...hooks,
    calls: 0,
    faults: new Map(),
    counts: new Map(),
    injected: new Map(),
    triggers: new Map(),
    outages: new Map(),
    outage: () => random.below(15 * 60_000),
    latency: (_, method) =>
      /^(push|pull|create|copyFrom)$/.test(method)
        ? least + random.below(most - least)
        : random.below(30),
    slowness: () => random.below(20_000),
  };
}

const LONG_AGO = new WeakMap<object, Map<string, unknown>>();

/** A port on the wire: every call waits for its turn, and what `wire` has in store for it happens to it. */
export function onWire<T extends object>(wire: Wire, process: Process, port: string, target: T): T {
  return new Proxy(target, {
    get(_, key) {
      const member: unknown = Reflect.get(target, key, target);
      if (typeof member !== 'function') return member;
      const method = String(key);
      return (...args: unknown[]) =>
        call(
          wire,
          process,
          { port, method, args },
          () => Reflect.apply(member, target, args),
          target,
        );
    },
  });
}

async function call(
  wire: Wire,
  process: Process,
  { port, method, args }: Pick<Effect, 'port' | 'method' | 'args'>,
  effect: () => Promise<unknown>,
  target: object,
): Promise<unknown> {
  await process.alive(process.loop.sleep(wire.latency(port, method)));
  const number = wire.calls;
  wire.calls += 1;
  trigger(wire, number, port, method);
  const fault = wire.faults.get(number);
  const kind = fault && fitting(fault.kind, port, method);
  if (kind !== undefined) {
    wire.injected.set(kind, (wire.injected.get(kind) ?? 0) + 1);
    wire.say(`call ${number} ${process.name}#${process.id} ${port}.${method}: ${kind}`);
  }
  if (kind === 'outage' || kind === 'deaf')
    wire.outages.set(kind === 'deaf' ? 'lambda' : port, process.loop.now() + wire.outage());
  if ((wire.outages.get(port) ?? 0) > process.loop.now()) throw errorOf(port, 'outage');
  if (kind === 'error' || kind === 'secondary limit') throw errorOf(port, kind);
  if (kind === 'death before') return gone(process);
  if (kind === 'lost invocation') process.disown();
  if (kind === 'delay') await process.alive(process.loop.sleep(wire.slowness()));
  const result = await effect();
  const answer = kind === 'stale read' ? (old(target, method, args) ?? result) : result;
  remember(target, method, args, result);
  wire.onEffect({ process, port, method, args, result: answer });
  if (process.isDead) return never();
  if (kind === 'lost reply') throw errorOf(port, kind);
  if (kind === 'death after') return gone(process);
  return answer;
}

/** Calls are counted by port and method; those of registries also for all of them together. */
function trigger({ triggers, counts }: Wire, number: number, port: string, method: string): void {
  triggers.get(`* ${number}`)?.();
  for (const name of new Set([`${port}.${method}`, `${port.split('.')[0]}.${method}`])) {
    const nth = counts.get(name) ?? 0;
    counts.set(name, nth + 1);
    triggers.get(`${name} ${nth}`)?.();
  }
}

function gone(process: Process): Promise<never> {
  process.die();
  return never();
}

/** What the same question was answered before, if it ever was. */
function old(target: object, method: string, args: readonly unknown[]): unknown {
  return LONG_AGO.get(target)?.get(`${method} ${JSON.stringify(args)}`);
}

function remember(target: object, method: string, args: readonly unknown[], result: unknown): void {
  if (!/^(status|images|application)$/.test(method)) return;
  const answers = LONG_AGO.get(target) ?? new Map<string, unknown>();
  LONG_AGO.set(target, answers);
  answers.set(`${method} ${JSON.stringify(args)}`, structuredClone(result));
}
