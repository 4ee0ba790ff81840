/** One event, as the rules of the bus will see it. */
export interface BusEvent {
  readonly source: string;
  readonly detailType: string;
  /** Plain data: it travels as JSON. */
  readonly detail: object;
  /** When it happened, which may be long before it is put. */
  readonly at: Date;
}

/** An event that the bus did not take, and why. */
export interface Untaken {
  readonly event: BusEvent;
  /** The bus's own name for it, or the name of what went wrong on the way. */
  readonly code: string;
  /** Whether the same event may be taken a moment later. */
  readonly retryable: boolean;
}

export interface Bus {
  /**
   * Puts each event once, any number of them, and returns those that were not taken; all others were. It does not
   * throw for what the bus says or for a bus that cannot be reached: what arrived before that is not forgotten.
   */
  put(events: readonly BusEvent[]): Promise<readonly Untaken[]>;
}
