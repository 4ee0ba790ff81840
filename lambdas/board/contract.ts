import * as z from 'zod';
import { EnvironmentName, PromotionId, ServiceName, Version } from '../domain/names.ts';
import { Place } from '../domain/place.ts';
import { Landed, Promotion, Refusal, Release } from '../domain/promotion.ts';

/**
 * What the CLI asks and what the stack answers, over the API's Function URL. Paths:
 * `GET /status`, `GET /promotions/{id}`, `POST /promotions`, `POST /promotions/{id}/decision`,
 * `GET /history?service=&environment=`, `GET /releases?service=`, `GET /refusals`, `GET /why?artifact=&environment=`.
 * A refusal to answer is `{ error: ApiError }` with a 4xx or 5xx status.
 */
export const ApiError = z.object({
  code: z.string(),
  message: z.string(),
  fix: z.string().optional(),
});
export type ApiError = z.infer<typeof ApiError>;

export const PromoteRequest = z.object({
  service: ServiceName,
  environment: EnvironmentName,
  /** Left out: what the stage before holds (a promotion), or what ran before (a rollback). */
  version: Version.optional(),
  kind: z.enum(['promotion', 'rollback']).default('promotion'),
  reason: z.string().min(1).max(500).optional(),
  /** Ask for the environment's optional approval. */
  approval: z.boolean().default(false),
  /** Made by the client once per intention: asking twice with it starts one promotion. */
  requestId: z.string().regex(/^[\w-]{16,64}$/),
});
export type PromoteRequest = z.infer<typeof PromoteRequest>;

export const PromoteReply = z.object({ promotion: Promotion });

export const DecisionRequest = z.object({
  decision: z.enum(['approve', 'reject']),
  /** Needed to reject. */
  note: z.string().min(1).max(500).optional(),
});
export type DecisionRequest = z.infer<typeof DecisionRequest>;

/** What Argo CD was seen to run just now; absent where it is not configured or did not answer. */
export const Observed = z.object({
  sync: z.string(),
  health: z.string(),
  revision: z.string().optional(),
  images: z.array(z.string()),
});
export type Observed = z.infer<typeof Observed>;

export const Cell = z.object({
  environment: EnvironmentName,
  place: Place,
  landed: Landed.optional(),
  observed: Observed.optional(),
  /** Holds the line's lock. */
  running: Promotion.optional(),
  /** Wait for their turn, in order. */
  queued: z.array(Promotion),
  /** The newest release of the stage before that could come next. */
  available: z.object({ version: Version, digest: z.string() }).optional(),
  /** The last one that ended other than `promoted`, newer than what landed. */
  lastFailure: Promotion.optional(),
});
export type Cell = z.infer<typeof Cell>;

export const StatusReply = z.object({
  at: z.iso.datetime(),
  /** The caller, as STS named them. */
  you: z.object({ principal: z.string(), person: z.string().optional() }),
  environments: z.array(EnvironmentName),
  services: z.array(z.object({ service: ServiceName, cells: z.array(Cell) })),
  /** Approvals that the caller may decide now. */
  yours: z.array(Promotion),
});
export type StatusReply = z.infer<typeof StatusReply>;

export const PromotionReply = z.object({ promotion: Promotion });
export const HistoryReply = z.object({ promotions: z.array(Promotion) });
export const ReleasesReply = z.object({ releases: z.array(Release) });
export const RefusalsReply = z.object({ refusals: z.array(Refusal) });
export const WhyReply = z.object({
  environment: EnvironmentName,
  releases: z.array(Release),
  promotions: z.array(Promotion),
  refusals: z.array(Refusal),
  /** Nobody asked for it there yet. */
  available: z.boolean(),
});
export type WhyReply = z.infer<typeof WhyReply>;

export const PromotionIdOrPrefix = z.union([
  PromotionId,
  z.string().regex(/^p_[0-9A-HJKMNP-TV-Z]{4,25}$/),
]);
