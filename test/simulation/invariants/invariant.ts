import { isInManifest } from '../../promote/shop.ts';
import type { Effect } from '../world/tap.ts';
import type { World } from '../world/world.ts';

/** Something that must never be seen was seen. */
export class Broken extends Error {
  override readonly name = 'Broken';
  constructor(
    readonly invariant: string,
    readonly what: string,
  ) {
    super(`${invariant}: ${what}`);
  }
}

/** What must hold whatever goes wrong. It looks on by itself, and shares no code with what it watches. */
export interface Invariant {
  /** A sentence that is always true. */
  readonly name: string;
  /** Begins to watch a world; says what to look at once all has come to rest. */
  watch(world: World, broken: (what: string) => never): Watch;
}

export interface Watch {
  /** At every effect, at the moment when it is there. */
  readonly onEffect?: (effect: Effect) => void;
  /** After the trouble, where nothing worse happened than that something took its time. */
  readonly ifOnlySlow?: () => void;
  /** Once everything has come to rest. */
  readonly atEnd?: () => void;
}

/** The promotion that a commit says it is of. */
export function promotionOf(message: string): string | undefined {
  return /^Conveyor-Promotion: (\S+)$/m.exec(message)?.[1];
}

/** Whose hosts a commit says it has looked at: the sweep corrects what the Ledger says of them, and is no promotion. */
export function lookOf(message: string): { service: string; environment: string } | undefined {
  const [, service, environment] = /^Conveyor-Look: (\S+) (\S+)$/m.exec(message) ?? [];
  return service === undefined || environment === undefined ? undefined : { service, environment };
}

/** The file of the Ledger that says what of a service runs in an environment (`shop`). */
export function manifestOf(service: string, environment: string): string {
  return isInManifest(service)
    ? `manifest.${environment}.yaml`
    : `envs/${environment}/${service}.yaml`;
}
