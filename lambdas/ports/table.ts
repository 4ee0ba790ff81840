export interface Key {
  readonly pk: string;
  readonly sk: string;
}

/** An item with the version that the next write must name. */
export interface Stored<T> extends Key {
  readonly version: number;
  readonly value: T;
}

export interface Change extends Key {
  /** The version read; `absent`: must not exist yet; `any`: whatever is there. */
  readonly expected: number | 'absent' | 'any';
  /** `undefined` deletes. */
  readonly value: object | undefined;
  /** Epoch seconds after which the item may vanish. */
  readonly ttl?: number;
}

/** A small ordered key-value store with optimistic locking: everything Conveyor remembers goes through these three. */
export interface Table {
  /** Strongly consistent. */
  get<T>(key: Key): Promise<Stored<T> | undefined>;
  /** Items of one partition whose sort key starts so, in order; strongly consistent. */
  query<T>(
    pk: string,
    skPrefix: string,
    options?: { readonly limit?: number; readonly newestFirst?: boolean },
  ): Promise<readonly Stored<T>[]>;
  /**
   * All changes or none. False: something was not as expected. A reply that got lost is not taken for a lost race:
   * each write carries its own id, and finds it again. At most 100 changes. @throws Unavailable
   */
  write(changes: readonly Change[]): Promise<boolean>;
}
