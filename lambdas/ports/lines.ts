import type { EnvironmentName, PromotionId, ServiceName, Version } from '../domain/names.ts';
import type { FinalState, Landed, Promotion } from '../domain/promotion.ts';
import type { PromotionRef } from './releases.ts';

/** A promotion that stands in line, with what orders it. */
export interface Waiter {
  readonly promotion: PromotionId;
  readonly version: Version;
  readonly pushedAt: string;
  readonly kind: Promotion['kind'];
  readonly automatic: boolean;
  readonly since: string;
  /** Sealed task token, once its execution is parked. */
  readonly token?: string;
  /** Which asking the token is of; see `park`. */
  readonly asking?: string;
}

export interface Holder {
  readonly promotion: PromotionId;
  readonly since: string;
  /** Sealed token of a holder that was handed the lock while parked, until it is seen awake. */
  readonly token?: string;
}

/** Whose execution waits, by its sealed token, to be woken. */
export type Parked = Pick<Holder, 'promotion' | 'token'>;

/** One (service, environment): who holds its lock, who waits, what it holds. */
export interface Line {
  readonly holder?: Holder;
  /** In the order in which they will go. */
  readonly waiters: readonly Waiter[];
  readonly landed?: Landed;
}

/** What asking for the lock comes to: it is held, over what the environment holds, or others are first. */
export type Taken =
  | { readonly ours: true; readonly landed?: Landed }
  | ({ readonly ours: false } & Line);

export interface Ending {
  readonly state: FinalState;
  readonly because?: string;
  readonly cause?: Promotion['cause'];
  /** For `promoted`: what the environment holds from now on. */
  readonly landed?: Landed;
}

/** The lock and the queue of every (service, environment). */
export interface Lines {
  read(service: ServiceName, environment: EnvironmentName): Promise<Line>;
  /** Reads less than `read`: what a storm asks for most. */
  holder(service: ServiceName, environment: EnvironmentName): Promise<Holder | undefined>;
  /**
   * Takes the lock for whoever is first in line, if that is `ref` and the lock is free. It may be `ref`'s from before;
   * then it is awake by this, and the token that it was handed the lock with is of no more use.
   */
  take(ref: PromotionRef, at: string): Promise<Taken>;
  /**
   * Keeps the sealed token of a waiter, if no later asking (by order of text) has left one: a function may go on after its
   * state has given it up and asked again. False: it waits no more (it holds the lock by now, or has ended).
   */
  park(ref: PromotionRef, token: string, asking: string): Promise<boolean>;
  /**
   * In one transaction: the promotion's final state, what landed, and the lock to the next waiter (or to nobody).
   * A second call finds the first one's effect. Returns the promotion as it ended and who must be woken: the new holder,
   * or who is first in line and parked in the moment when the lock was given back.
   */
  end(
    ref: PromotionRef,
    ending: Ending,
    at: string,
  ): Promise<{ readonly ended: Promotion; readonly next?: Parked }>;
}
