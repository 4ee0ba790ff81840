import { Unavailable } from '../../../lambdas/domain/errors.ts';
import type { PromotionId } from '../../../lambdas/domain/names.ts';
import type { Batch, HostRollout } from '../../../lambdas/domain/rollout.ts';
import type { Read, Rollouts } from '../../../lambdas/ports/rollouts.ts';

/** The one rollout of a command that nobody else knows of. Where the command dies, it is typed again: the scripts go on. */
export class MemoryRollouts implements Rollouts {
  #head: Read<HostRollout> | undefined;
  readonly #batches = new Map<number, Read<Batch>>();

  async open(rollout: HostRollout, batches: readonly Batch[]): Promise<void> {
    if (this.#head !== undefined) return;
    this.#head = { value: rollout, version: 1 };
    for (const batch of batches) this.#batches.set(batch.number, { value: batch, version: 1 });
  }

  async head(promotion: PromotionId): Promise<Read<HostRollout> | undefined> {
    return this.#head?.value.promotion === promotion ? this.#head : undefined;
  }

  async batches(): Promise<readonly Read<Batch>[]> {
    return [...this.#batches.values()];
  }

  async save(rollout: HostRollout, was: Read<HostRollout>): Promise<Read<HostRollout>> {
    this.#head = next(rollout, was, this.#head);
    return this.#head;
  }

  async saveBatch(_: HostRollout, batch: Batch, was: Read<Batch>): Promise<Read<Batch>> {
    const saved = next(batch, was, this.#batches.get(batch.number));
    this.#batches.set(batch.number, saved);
    return saved;
  }
}

function next<T>(value: T, was: Read<T>, is: Read<T> | undefined): Read<T> {
  if (is?.version !== was.version)
    throw new Unavailable('The rollout is being written by another', { data: {} });
  return { value, version: was.version + 1 };
}
