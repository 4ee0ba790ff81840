import { type Changes, isTarball, resolver } from '../promote/shop.ts';
import type { Act, Moment } from './acts.ts';
import { drawApproval } from './draw-changes.ts';
import { drawHostAct, isOnHosts } from './draw-fleets.ts';
import type { Random } from './random.ts';

const MINUTE = 60_000;
const ENVIRONMENTS = ['dev', 'qa', 'prod'] as const;
/** As the schedule has it (`sweep.every`, by default). */
const SWEEPS_APART = 15 * MINUTE;

/** What a copy into an environment calls, by what is copied. */
export const arrivalOf = (service: string, environment = 'prod') =>
  service === resolver
    ? `store.${environment}.create`
    : isTarball(service)
      ? `store.${environment}.copyFrom`
      : `registry.${environment}.put`;

interface Around {
  readonly services: readonly string[];
  readonly changes: Changes;
  /** Milliseconds from the start to the last act. */
  readonly span: number;
}

/** What befalls hosts, and what moves or breaks right before they are reached. */
export function drawHostTrouble(random: Random, { services, changes, span }: Around): Moment[] {
  const isCopied = () => random.of(services.filter(isOnHosts));
  const befall = Array.from(
    { length: random.below(4) },
    (): Moment => ({
      at: random.below(span),
      act: drawHostAct(random),
      on: { call: random.of(['hosts.send', 'hosts.invocations']), nth: random.below(12) },
    }),
  );
  return [
    ...befall,
    ...(random.chance(0.5) ? drawMovedPolicy(random, isCopied(), changes, span) : []),
    ...(random.chance(0.6) ? [drawOutOfReach(random, isCopied(), span)] : []),
    ...(random.chance(0.3) ? drawSweeps(random, span) : []),
    ...(random.chance(0.3) ? [drawIllness(random, span)] : []),
  ];
}

/** While it is copied into an environment, and before its hosts are reached. */
function drawMovedPolicy(
  random: Random,
  isCopied: string,
  changes: Changes,
  span: number,
): Moment[] {
  const environment = changes.qa?.promotion === 'auto' ? 'qa' : random.of(['qa', 'prod']);
  const call = isTarball(isCopied) ? `store.${environment}.head` : `registry.${environment}.head`;
  const act: Act = { do: 'policy', environment, change: drawApproval(random) };
  // At the call, that is, and by itself only where none came.
  const at = span - 1 - random.below(span >> 3);
  // So long that no function may go by the policy from before any more.
  const late: Act = { do: 'cut', port: `hosts.${environment}`, after: 0, minutes: 0.2 };
  const arrival = { call: arrivalOf(isCopied, environment), nth: 0 };
  return [
    { at, act, on: { call, nth: 0 } },
    ...(random.chance(0.7) ? [{ at, act: late, on: arrival }] : []),
  ];
}

/** What is verified, or asked, just then cannot be reached. */
function drawOutOfReach(random: Random, isCopied: string, span: number): Moment {
  const environment = random.of(ENVIRONMENTS);
  const call = arrivalOf(isCopied, environment);
  const store = call.replace(/\.\w+$/, '');
  const port = random.of([store, store, `hosts.${environment}`]);
  const act: Act = { do: 'cut', port, after: random.below(150), minutes: 10 };
  return { at: random.below(span), act, on: { call, nth: 0 } };
}

/** The schedule goes on while a host is ill: so often that it is let be. */
function drawSweeps(random: Random, span: number): Moment[] {
  const environment = random.of(['dev', 'dev', 'dev', 'qa'] as const);
  const relapse: Act = {
    do: 'host',
    environment,
    which: random.below(100),
    what: 'relapse',
    minutes: 0,
  };
  const count = 2 + random.below(5);
  return [
    ...(random.chance(0.7) ? [{ at: span + SWEEPS_APART, act: relapse }] : []),
    ...Array.from({ length: count }, (_, n): Moment => {
      return { at: span + (n + 1.5) * SWEEPS_APART, act: { do: 'sweep' } };
    }),
  ];
}

/** A host is well with the first release, and not with the next. */
function drawIllness(random: Random, span: number): Moment {
  const on = { call: 'hosts.dev.send', nth: 1 + random.below(6) };
  const act = { ...drawHostAct(random), environment: 'dev', what: 'sicken' } as const;
  // At the call, that is, and late by itself where none came.
  return { at: span - 1, act, on };
}
