import type { BareRepository } from '../github/bare-repository.ts';
import { readImage } from './read-image.ts';

export interface ApplicationOptions {
  readonly name: string;
  /** A folder of the repository, or one manifest. */
  readonly path: string;
  /** @default image.tag */
  readonly key?: string;
  readonly sync: 'auto' | 'manual';
}

export type Health = 'Healthy' | 'Progressing' | 'Degraded' | 'Suspended' | 'Missing' | 'Unknown';

/** As Argo CD's API reports it: gRPC's code with the HTTP status that grpc-gateway gives it. */
export class ArgocdError extends Error {
  readonly code: number;
  readonly status: 400 | 401 | 403 | 404;

  constructor(kind: keyof typeof KINDS, message: string) {
    super(message);
    [this.code, this.status] = KINDS[kind];
  }
}

const KINDS = {
  InvalidArgument: [3, 400],
  NotFound: [5, 404],
  PermissionDenied: [7, 403],
  FailedPrecondition: [9, 400],
  Unauthenticated: [16, 401],
} as const;
/** Argo CD's `revisionHistoryLimit`. */
const HISTORY_LIMIT = 10;

interface HistoryEntry {
  readonly id: number;
  readonly revision: string;
  readonly deployedAt: string;
  readonly source: object;
}

/** One application: what the repository wants, what "runs", and how it came to that. */
export class TwinApplication {
  readonly options: ApplicationOptions;
  readonly #repository: BareRepository;
  readonly #repoUrl: string;
  readonly #now: () => Date;
  readonly #createdAt: string;
  #target = '';
  #inSync = false;
  #comparisonError: string | undefined;
  #images: string[] = [];
  #health: Health = 'Missing';
  #orderedHealth: Health | undefined;
  #history: HistoryEntry[] = [];
  #operation: object | undefined;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(
    options: ApplicationOptions,
    repository: BareRepository,
    repoUrl: string,
    now: () => Date,
  ) {
    this.options = options;
    this.#repository = repository;
    this.#repoUrl = repoUrl;
    this.#now = now;
    this.#createdAt = now().toISOString();
  }

  /** Compares with the branch, and deploys where that is left to Argo CD. */
  refresh(): Promise<void> {
    return this.#exclusively(async () => {
      await this.#compare();
      if (!this.#inSync && this.options.sync === 'auto' && this.#comparisonError === undefined) {
        await this.#deploy(this.#target, { automated: true });
      }
    });
  }

  sync(revision?: string): Promise<void> {
    const { name, sync } = this.options;
    const { branch } = this.#repository;
    return this.#exclusively(async () => {
      if (sync === 'auto' && revision !== undefined && revision !== '' && revision !== branch) {
        throw new ArgocdError(
          'FailedPrecondition',
          `Cannot sync to ${revision}: auto-sync currently set to ${branch}`,
        );
      }
      const oid = await this.#repository.resolve(revision || `refs/heads/${branch}`);
      if (oid === undefined) {
        throw new ArgocdError('FailedPrecondition', `unable to resolve '${revision}' for ${name}`);
      }
      await this.#compare();
      await this.#deploy(oid, { username: 'conveyor' });
    });
  }

  rollback(id: number): Promise<void> {
    const { name, sync } = this.options;
    return this.#exclusively(async () => {
      if (sync === 'auto') {
        const words = 'rollback cannot be initiated when auto-sync is enabled';
        throw new ArgocdError('FailedPrecondition', words);
      }
      const entry = this.#history.find((one) => one.id === id);
      if (entry === undefined) {
        const words = `application ${name} does not have deployment with id ${id}`;
        throw new ArgocdError('InvalidArgument', words);
      }
      await this.#deploy(entry.revision, { username: 'admin' });
    });
  }

  /** Plays a broken release until told otherwise. */
  orderHealth(health: Health | undefined): void {
    this.#orderedHealth = health;
  }

  /** Argo CD's `Application`, the fields that clients read. */
  describe() {
    const { name, sync } = this.options;
    const source = this.#source();
    const destination = { server: 'https://kubernetes.default.svc', namespace: name };
    const comparedTo = { source, destination };
    const status = this.#comparisonError ? 'Unknown' : this.#inSync ? 'Synced' : 'OutOfSync';
    const conditions = this.#comparisonError
      ? [{ type: 'ComparisonError', message: this.#comparisonError }]
      : [];
    return {
      metadata: { name, namespace: 'argocd', creationTimestamp: this.#createdAt },
      spec: {
        project: 'default',
        source,
        destination,
        ...(sync === 'auto' && { syncPolicy: { automated: { prune: true, selfHeal: true } } }),
      },
      status: {
        sync: { status, comparedTo, revision: this.#target },
        health: { status: this.#orderedHealth ?? this.#health },
        history: this.#history,
        ...(this.#operation && { operationState: this.#operation }),
        ...(conditions.length > 0 && { conditions }),
        reconciledAt: this.#now().toISOString(),
        summary: this.#images.length > 0 ? { images: this.#images } : {},
      },
    };
  }

  async #compare(): Promise<void> {
    const { path } = this.options;
    this.#target = (await this.#repository.head()) ?? '';
    const wanted = await this.#repository.entry(this.#target, path);
    this.#comparisonError = wanted === undefined ? `${path}: app path does not exist` : undefined;
    const running = this.#history.at(-1);
    const deployed = running && (await this.#repository.entry(running.revision, path));
    this.#inSync = wanted !== undefined && wanted.oid === deployed?.oid;
  }

  async #deploy(revision: string, initiatedBy: object): Promise<void> {
    const { name, path, key = 'image.tag' } = this.options;
    const startedAt = this.#now().toISOString();
    const result = { revision, source: this.#source() };
    const operation = { sync: { revision }, initiatedBy };
    const failed = (message: string) => {
      this.#operation = {
        operation,
        phase: 'Failed',
        message,
        startedAt,
        finishedAt: startedAt,
        syncResult: result,
      };
    };
    let image: string;
    try {
      image = await readImage(this.#repository, revision, path, key, name);
    } catch (error) {
      failed(error instanceof Error ? error.message : String(error));
      return;
    }
    this.#images = [image];
    this.#health = 'Healthy';
    const finishedAt = this.#now().toISOString();
    const id = (this.#history.at(-1)?.id ?? -1) + 1;
    const entry = {
      id,
      revision,
      deployedAt: finishedAt,
      deployStartedAt: startedAt,
      source: this.#source(),
      initiatedBy,
    };
    this.#history = [...this.#history, entry].slice(-HISTORY_LIMIT);
    const message = 'successfully synced (all tasks run)';
    this.#operation = {
      operation,
      phase: 'Succeeded',
      message,
      startedAt,
      finishedAt,
      syncResult: result,
    };
    await this.#compare();
  }

  #source() {
    const { path } = this.options;
    return { repoURL: this.#repoUrl, path, targetRevision: this.#repository.branch };
  }

  #exclusively(act: () => Promise<void>): Promise<void> {
    const turn = this.#turn.then(act);
    this.#turn = turn.catch(() => undefined);
    return turn;
  }
}
