import type { PromotionId } from '../domain/names.ts';
import type { Batch, HostRollout } from '../domain/rollout.ts';

/** What was read, and by which writing of it: a save names it. */
export interface Read<T> {
  readonly value: T;
  readonly version: number;
}

/** What is remembered of a rollout: its head, and its batches of at most fifty hosts. */
export interface Rollouts {
  /** Once: opened again, the first stays. @throws Unavailable */
  open(rollout: HostRollout, batches: readonly Batch[]): Promise<void>;
  head(promotion: PromotionId): Promise<Read<HostRollout> | undefined>;
  /** In order. */
  batches(rollout: HostRollout): Promise<readonly Read<Batch>[]>;
  /** @throws Unavailable where somebody else has written it since */
  save(rollout: HostRollout, was: Read<HostRollout>): Promise<Read<HostRollout>>;
  /** @throws Unavailable where somebody else has written it since */
  saveBatch(rollout: HostRollout, batch: Batch, was: Read<Batch>): Promise<Read<Batch>>;
}
