import type { PromotionId } from '../domain/names.ts';
import type { PromotionRef } from './releases.ts';

/** Step Functions, as far as promotions need it. */
export interface Executions {
  /** Starts the promotion's execution, named by its id. Started before, running or closed, is success. Answers with its ARN. */
  start(ref: PromotionRef, lineUpSeconds: number): Promise<string>;
  /** Wakes a parked execution. A token that nobody waits on any more is success. */
  wake(token: string): Promise<void>;
  /** How the promotion's execution stands, or stood some seconds ago; undefined where there is none. */
  status(promotion: PromotionId): Promise<'running' | { readonly closedAt: Date } | undefined>;
}

/** Keeps task tokens unreadable at rest, bound to the promotion they belong to. */
export interface Sealer {
  seal(promotion: PromotionId, token: string): Promise<string>;
  open(promotion: PromotionId, sealed: string): Promise<string>;
}
