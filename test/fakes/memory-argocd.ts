import { NotFound } from '../../lambdas/domain/errors.ts';
import type { ApplicationState, Deployments } from '../../lambdas/ports/argocd.ts';
import type { Clock } from '../../lambdas/ports/clock.ts';

/** An Argo CD in memory: applications follow the pushes they are told of, by themselves or on `sync`. */
export class MemoryArgocd implements Deployments {
  readonly #clock: Clock;
  readonly #applications = new Map<string, ApplicationState>();
  readonly #wanted = new Map<string, { readonly revision: string; readonly image: string }>();
  #failure: Error | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** An application that runs `image` as of `revision`. */
  install(name: string, sync: 'auto' | 'manual', revision: string, image: string): void {
    this.#wanted.set(name, { revision, image });
    this.#applications.set(name, {
      name,
      sync: 'OutOfSync',
      revision,
      health: 'Missing',
      images: [],
      autoSync: sync === 'auto',
      history: [],
      operation: undefined,
      url: `memory:applications/${name}`,
    });
    this.#deploy(name);
  }

  /** The Ledger now says so. */
  push(name: string, revision: string, image: string): void {
    this.#wanted.set(name, { revision, image });
    this.set(name, { sync: 'OutOfSync', revision });
    if (this.#get(name).autoSync) this.#deploy(name);
  }

  /** Overrides what it says, to play a failure. */
  set(name: string, changes: Partial<ApplicationState>): void {
    this.#applications.set(name, { ...this.#get(name), ...changes });
  }

  failNext(failure: Error): void {
    this.#failure = failure;
  }

  async application(name: string): Promise<ApplicationState | undefined> {
    this.#fail();
    return this.#applications.get(name);
  }

  async sync(name: string): Promise<void> {
    this.#fail();
    this.#get(name);
    this.#deploy(name);
  }

  #deploy(name: string): void {
    const before = this.#get(name);
    const { revision, image } = this.#wanted.get(name) ?? { revision: '', image: '' };
    const deployedAt = this.#clock.now();
    this.set(name, {
      sync: 'Synced',
      revision,
      health: 'Healthy',
      images: [image],
      history: [...before.history, { id: before.history.length, revision, deployedAt }],
      operation: { phase: 'Succeeded', message: 'successfully synced' },
    });
  }

  #get(name: string): ApplicationState {
    const state = this.#applications.get(name);
    if (state === undefined) throw new NotFound(`Argo CD has no application ${name}`);
    return state;
  }

  #fail(): void {
    const failure = this.#failure;
    this.#failure = undefined;
    if (failure !== undefined) throw failure;
  }
}
