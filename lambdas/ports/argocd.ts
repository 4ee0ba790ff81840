/** What Argo CD says of one application. */
export interface ApplicationState {
  readonly name: string;
  readonly sync: 'Synced' | 'OutOfSync' | 'Unknown';
  /** The Ledger commit that Argo CD last compared with: what should run, and does where `sync` is Synced. */
  readonly revision: string | undefined;
  readonly health: 'Healthy' | 'Progressing' | 'Degraded' | 'Suspended' | 'Missing' | 'Unknown';
  /** `repository:tag` of what runs in the cluster. */
  readonly images: readonly string[];
  readonly autoSync: boolean;
  /** Oldest first; the last is what was deployed last, by sync or by rollback. */
  readonly history: readonly Deployment[];
  /** The last or running operation. */
  readonly operation: { readonly phase: string; readonly message: string } | undefined;
  /** Where a person can look at it. */
  readonly url: string;
}

export interface Deployment {
  readonly id: number;
  readonly revision: string;
  readonly deployedAt: Date;
}

/** The Argo CD that reconciles the Ledger. */
export interface Deployments {
  /**
   * The application, compared with the Ledger as it is now, or undefined where there is none.
   * @throws Unavailable, NotAllowed
   */
  application(name: string): Promise<ApplicationState | undefined>;
  /**
   * Asks for a sync to the branch, or to one commit of it; does not wait until it is done.
   * @throws Unavailable, NotAllowed, NotFound
   */
  sync(name: string, revision?: string): Promise<void>;
}
