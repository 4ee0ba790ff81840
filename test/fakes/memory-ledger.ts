import { createHash } from 'node:crypto';
import { LedgerUnavailable } from '../../lambdas/domain/errors.ts';
import type { Clock } from '../../lambdas/ports/clock.ts';
import type {
  Ledger,
  LedgerChange,
  LedgerCommit,
  LedgerSnapshot,
} from '../../lambdas/ports/ledger.ts';

interface StoredCommit extends LedgerCommit {
  readonly at: Date;
  readonly files: ReadonlyMap<string, string>;
}

/** A Ledger in memory, with the mishaps of a real one to order. */
export class MemoryLedger implements Ledger {
  readonly #clock: Clock;
  /** Oldest first; never empty. */
  readonly #history: [StoredCommit, ...StoredCommit[]];
  #beforeCommit: (() => void) | undefined;
  #onPush: () => void = () => {};
  #lostReplies = 0;
  #failedReads = 0;
  #failureAfterCommit: Error | undefined;
  #failedCommits = 0;

  constructor(clock: Clock, files: ReadonlyMap<string, string> | Record<string, string> = {}) {
    this.#clock = clock;
    const seeded = files instanceof Map ? files : new Map(Object.entries(files));
    this.#history = [this.#stored('seed', seeded, '')];
  }

  async read(paths: readonly string[], since: Date): Promise<LedgerSnapshot> {
    if (this.#failureAfterCommit !== undefined && this.#history.length > 1)
      throw this.#failureAfterCommit;
    if (this.#failedReads > 0) {
      this.#failedReads -= 1;
      throw new LedgerUnavailable('the memory Ledger was told to fail this reading');
    }
    const { id: head, files } = this.#head;
    const asked = paths.flatMap((path): [string, string][] => {
      const text = files.get(path);
      return text === undefined ? [] : [[path, text]];
    });
    const commits = this.#history.filter(({ at }) => at >= since).reverse();
    return { head, files: new Map(asked), commits };
  }

  async commit(change: LedgerChange): Promise<LedgerCommit | undefined> {
    const before = this.#beforeCommit;
    this.#beforeCommit = undefined;
    before?.();
    if (this.#failedCommits > 0) {
      this.#failedCommits -= 1;
      throw new LedgerUnavailable('the memory Ledger was told to fail this commit');
    }
    if (change.expectedHead !== this.#head.id) return undefined;
    const commit = this.#append(change.message, change.files);
    if (this.#lostReplies === 0) return commit;
    this.#lostReplies -= 1;
    throw new LedgerUnavailable('the memory Ledger committed and was told to lose the reply');
  }

  /** Somebody else's push. */
  push(files: Record<string, string>, message = 'by hand'): LedgerCommit {
    const commit = this.#append(message, new Map(Object.entries(files)));
    this.#onPush();
    return commit;
  }

  /** Runs once, between a reading and the commit that follows: push here to move the head. */
  beforeNextCommit(act: () => void): void {
    this.#beforeCommit = act;
  }

  loseNextReply(times = 1): void {
    this.#lostReplies = times;
  }

  failNextRead(times = 1): void {
    this.#failedReads = times;
  }

  /** Once there is a commit, no reading is answered any more; undefined: it is again. */
  failReadsAfterCommit(failure: Error | undefined): void {
    this.#failureAfterCommit = failure;
  }

  failNextCommit(times = 1): void {
    this.#failedCommits = times;
  }

  /** Oldest first, each with all files as of then. */
  history(): readonly StoredCommit[] {
    return this.#history;
  }

  paths(): readonly string[] {
    return [...this.#head.files.keys()];
  }

  /** Calls after each push that is not Conveyor's. */
  onPush(act: () => void): void {
    this.#onPush = act;
  }

  text(path: string): string | undefined {
    return this.#head.files.get(path);
  }

  /** Newest first, as `git log`. */
  log(): readonly LedgerCommit[] {
    return [...this.#history].reverse();
  }

  get #head(): StoredCommit {
    return this.#history.at(-1) ?? this.#history[0];
  }

  #append(message: string, changed: ReadonlyMap<string, string>): LedgerCommit {
    const { id: parent, files } = this.#head;
    const commit = this.#stored(message, new Map([...files, ...changed]), parent);
    this.#history.push(commit);
    return commit;
  }

  #stored(message: string, files: ReadonlyMap<string, string>, parent: string): StoredCommit {
    const content = JSON.stringify([parent, message, [...files]]);
    const id = createHash('sha1').update(content).digest('hex');
    return { id, message, url: `memory:commit/${id}`, at: this.#clock.now(), files };
  }
}
