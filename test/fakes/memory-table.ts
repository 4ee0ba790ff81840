import type { Change, Key, Stored, Table } from '../../lambdas/ports/table.ts';

/** The table in memory: same versions, same conditions, same order. Values are copied, as over the wire. */
export class MemoryTable implements Table {
  private readonly rows = new Map<string, Stored<object>>();
  /** No item made anew has a version that an earlier one of its name had. */
  private versions = 0;
  /** Called before each write takes effect; throw here, or after it, to play a fault. */
  beforeWrite: (changes: readonly Change[]) => void = () => {};
  afterWrite: (changes: readonly Change[]) => void = () => {};

  async get<T>(key: Key): Promise<Stored<T> | undefined> {
    const row = this.rows.get(name(key));
    return row === undefined ? undefined : (structuredClone(row) as unknown as Stored<T>);
  }

  async query<T>(
    pk: string,
    skPrefix: string,
    options: { limit?: number; newestFirst?: boolean } = {},
  ): Promise<readonly Stored<T>[]> {
    const rows = [...this.rows.values()]
      .filter((row) => row.pk === pk && row.sk.startsWith(skPrefix))
      .sort((a, b) => (a.sk < b.sk ? -1 : 1));
    if (options.newestFirst === true) rows.reverse();
    return structuredClone(rows.slice(0, options.limit)) as unknown as readonly Stored<T>[];
  }

  async write(changes: readonly Change[]): Promise<boolean> {
    this.beforeWrite(changes);
    if (!changes.every((change) => this.holds(change))) return false;
    for (const change of changes) {
      this.versions += 1_000_000;
      const version = typeof change.expected === 'number' ? change.expected + 1 : this.versions;
      if (change.value === undefined) this.rows.delete(name(change));
      else
        this.rows.set(name(change), {
          pk: change.pk,
          sk: change.sk,
          version,
          value: JSON.parse(JSON.stringify(change.value)) as object,
        });
    }
    this.afterWrite(changes);
    return true;
  }

  /** Everything in it, to compare or to search. */
  get contents(): readonly Stored<object>[] {
    return structuredClone([...this.rows.values()]);
  }

  private holds(change: Change): boolean {
    const row = this.rows.get(name(change));
    if (change.expected === 'any') return true;
    return change.expected === 'absent' ? row === undefined : row?.version === change.expected;
  }
}

function name(key: Key): string {
  return `${key.pk}\0${key.sk}`;
}
