import type { EnvironmentName, PromotionId, ServiceName, Version } from '../domain/names.ts';
import type { Promotion, PromotionState, Steps } from '../domain/promotion.ts';
import type { PromotionRef } from './releases.ts';

export interface Note {
  readonly state?: PromotionState;
  readonly because?: string;
  readonly execution?: string;
  readonly previous?: Promotion['previous'];
  /** Merged by name over the steps that are there. */
  readonly steps?: Partial<Steps>;
}

/** The record of every promotion. */
export interface Promotions {
  /**
   * Writes the promotion and stands it in its line, once per `requestId`: asked again, answers with the first one.
   */
  open(promotion: Promotion, requestId: string): Promise<Promotion>;
  /** @throws NotFound */
  get(ref: PromotionRef): Promise<Promotion>;
  /** By id alone. @throws NotFound */
  find(id: PromotionId): Promise<Promotion>;
  /** Adds to the record of a promotion that has not ended; of one that has, only steps. @throws NotFound */
  note(ref: PromotionRef, note: Note, at: string): Promise<void>;
  /** Newest first. */
  history(
    service: ServiceName,
    environment: EnvironmentName,
    limit: number,
  ): Promise<readonly Promotion[]>;
  /** Whether this version was ever promoted there. */
  wasPromoted(
    service: ServiceName,
    environment: EnvironmentName,
    version: Version,
  ): Promise<boolean>;
}
