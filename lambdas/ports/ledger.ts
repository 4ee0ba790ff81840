/** The Ledger's branch at one commit, with the files that were asked for. */
export interface LedgerSnapshot {
  /** The branch head's commit id (40 hex). */
  readonly head: string;
  /** Path → text; a path that does not exist is absent. */
  readonly files: ReadonlyMap<string, string>;
  /** Commits on the branch since the time asked for, newest first. */
  readonly commits: readonly LedgerCommit[];
}

export interface LedgerCommit {
  readonly id: string;
  readonly message: string;
  /** Where a person can look at it. */
  readonly url: string;
}

/** One commit to be: all files or none, on top of exactly `expectedHead`. */
export interface LedgerChange {
  readonly expectedHead: string;
  readonly files: ReadonlyMap<string, string>;
  /** First line and body; trailers last. */
  readonly message: string;
}

/** A git branch that says what should run, reached through its host's API. */
export interface Ledger {
  /**
   * One consistent reading: head, files at that head, and the commits since `since`.
   * @throws LedgerUnavailable, LedgerRefused
   */
  read(paths: readonly string[], since: Date): Promise<LedgerSnapshot>;
  /**
   * Compare-and-swap on the branch head. Returns the new commit, or `undefined` where the head had moved.
   * A lost reply looks like a moved head: whoever calls looks for its own trailer before trying again.
   * @throws LedgerUnavailable, LedgerRefused
   */
  commit(change: LedgerChange): Promise<LedgerCommit | undefined>;
}
