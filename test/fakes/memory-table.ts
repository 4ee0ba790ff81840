import type { Change, Key, Stored, Table } from '../../lambdas/ports/table.ts';

interface Row {
  readonly version: number;
  /** As JSON carries it, and frozen. */
  readonly value: object;
  /** Epoch seconds after which the item may vanish. */
  readonly ttl?: number | undefined;
}

/** The table in memory: same versions, same conditions, same order. */
export class MemoryTable implements Table {
  /** @param sharing hands out what is kept, frozen: copies for all readers would cost much of a simulation's time */
  constructor(private readonly sharing = false) {}

  /** By partition, then by sort key. */
  readonly #partitions = new Map<string, Map<string, Row>>();
  /** Sort keys of a partition in order, made when first asked for. */
  readonly #order = new Map<string, readonly string[]>();
  /** No item made anew has a version that an earlier one of its name had. */
  #versions = 0;
  /** Called before each write takes effect; throw here, or after it, to play a fault. */
  beforeWrite: (changes: readonly Change[]) => void = () => {};
  afterWrite: (changes: readonly Change[]) => void = () => {};

  async get<T>(key: Key): Promise<Stored<T> | undefined> {
    return this.peek<T>(key);
  }

  /** What is there at this moment, for whoever looks on. */
  peek<T>({ pk, sk }: Key): Stored<T> | undefined {
    const row = this.#partitions.get(pk)?.get(sk);
    return row && this.#stored<T>({ pk, sk }, row);
  }

  async query<T>(
    pk: string,
    skPrefix: string,
    { limit, newestFirst }: { limit?: number; newestFirst?: boolean } = {},
  ): Promise<readonly Stored<T>[]> {
    return this.peekAll<T>(pk, skPrefix, { limit, newestFirst });
  }

  peekAll<T>(
    pk: string,
    skPrefix: string,
    { limit, newestFirst }: { limit?: number | undefined; newestFirst?: boolean | undefined } = {},
  ): readonly Stored<T>[] {
    const rows = this.#partitions.get(pk) ?? new Map<string, Row>();
    const keys = this.#sorted(pk);
    const from = firstAtLeast(keys, skPrefix);
    let to = from;
    while (keys[to]?.startsWith(skPrefix) === true) to += 1;
    const found = keys.slice(from, to);
    if (newestFirst === true) found.reverse();
    return found
      .slice(0, limit)
      .flatMap((sk) => rows.get(sk) ?? [])
      .map((row, n) => this.#stored<T>({ pk, sk: found[n] ?? '' }, row));
  }

  async write(changes: readonly Change[]): Promise<boolean> {
    this.beforeWrite(changes);
    if (!changes.every((change) => this.#holds(change))) return false;
    for (const change of changes) this.#apply(change);
    this.afterWrite(changes);
    return true;
  }

  /** Everything in it, to compare or to search. */
  get contents(): readonly Stored<object>[] {
    return [...this.#partitions].flatMap(([pk, rows]) =>
      [...rows].map(([sk, row]) => this.#stored<object>({ pk, sk }, row)),
    );
  }

  /** What may vanish by then, vanishes. */
  expire(now: Date): void {
    for (const [pk, rows] of this.#partitions)
      for (const [sk, { ttl }] of rows)
        if (ttl !== undefined && ttl * 1_000 < now.getTime()) {
          rows.delete(sk);
          this.#order.delete(pk);
        }
  }

  #apply({ pk, sk, expected, value, ttl }: Change): void {
    this.#versions += 1_000_000;
    const rows = this.#partitions.get(pk) ?? new Map<string, Row>();
    this.#partitions.set(pk, rows);
    if (value === undefined || !rows.has(sk)) this.#order.delete(pk);
    const version = typeof expected === 'number' ? expected + 1 : this.#versions;
    if (value === undefined) rows.delete(sk);
    else rows.set(sk, { version, value: frozen(JSON.parse(JSON.stringify(value))), ttl });
  }

  #stored<T>({ pk, sk }: Key, { version, value }: Row): Stored<T> {
    return { pk, sk, version, value: (this.sharing ? value : structuredClone(value)) as T };
  }

  #sorted(pk: string): readonly string[] {
    const known = this.#order.get(pk);
    if (known !== undefined) return known;
    const keys = [...(this.#partitions.get(pk)?.keys() ?? [])].sort();
    this.#order.set(pk, keys);
    return keys;
  }

  #holds({ pk, sk, expected }: Change): boolean {
    const row = this.#partitions.get(pk)?.get(sk);
    if (expected === 'any') return true;
    return expected === 'absent' ? row === undefined : row?.version === expected;
  }
}

function frozen<T extends object>(value: T): T {
  for (const part of Object.values(value))
    if (typeof part === 'object' && part !== null) frozen(part);
  return Object.freeze(value);
}

function firstAtLeast(keys: readonly string[], wanted: string): number {
  let [low, high] = [0, keys.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((keys[middle] ?? '') < wanted) low = middle + 1;
    else high = middle;
  }
  return low;
}
