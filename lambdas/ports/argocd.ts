/** One Argo CD application as it was seen. */
export interface ApplicationState {
  readonly name: string;
  readonly sync: 'Synced' | 'OutOfSync' | 'Unknown';
  readonly health: string;
  readonly revision?: string;
  readonly images: readonly string[];
  readonly autoSync: boolean;
}

/** What runs in a cluster, as Argo CD tells it. */
export interface Deployments {
  /** @throws Unavailable, NotAllowed */
  application(name: string): Promise<ApplicationState | undefined>;
  sync(name: string, revision?: string): Promise<void>;
}
