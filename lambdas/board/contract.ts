import * as z from 'zod';
import { HostSighting } from '../domain/host-sighting.ts';
import { EnvironmentName, PromotionId, ServiceName, Version } from '../domain/names.ts';
import { Place } from '../domain/place.ts';
import { Landed, Promotion, Refusal, Release } from '../domain/promotion.ts';
import { RunMode, RunReport } from '../domain/provision-run.ts';

/**
 * What the CLI asks and what the stack answers, over the API's Function URL. Paths:
 * `GET /status`, `GET /promotions/{id}`, `POST /promotions`, `POST /promotions/{id}/decision`,
 * `GET /history?service=&environment=`, `GET /releases?service=`, `GET /refusals`, `GET /why?artifact=&environment=`,
 * `GET /services/{service}?version=&environment=`, `POST /provisioning`, `GET /provisioning/{environment}/{run}`,
 * `GET /hosts?service=&environment=`.
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

/** What the hosts of a service were last seen to run; absent where it runs on none, or nobody has looked yet. */
export const HostsSeen = z.object({
  /** When the sweep last looked at all of them; what a rollout has read back since is in it. */
  at: z.iso.datetime().optional(),
  all: z.int(),
  /** Of these, the ones that run what landed. */
  current: z.int(),
  off: z.int(),
  /** The first few of those that do something else. */
  others: z.array(HostSighting),
});
export type HostsSeen = z.infer<typeof HostsSeen>;

export const Cell = z.object({
  environment: EnvironmentName,
  place: Place,
  landed: Landed.optional(),
  observed: Observed.optional(),
  hosts: HostsSeen.optional(),
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
  /** Hosts that run it and should not, or should and do not; the first few. */
  hosts: z.array(HostSighting.extend({ service: ServiceName })).default([]),
});
export type WhyReply = z.infer<typeof WhyReply>;

/** The hosts of a service in an environment, one by one. */
export const HostsReply = z.object({
  service: ServiceName,
  environment: EnvironmentName,
  /** When the sweep last looked at all of them. */
  at: z.iso.datetime().optional(),
  /** What they should run. */
  landed: Landed.optional(),
  hosts: z.array(HostSighting),
});
export type HostsReply = z.infer<typeof HostsReply>;

/** The bucket that CI pushes a service's tarballs to. */
export const StoreReply = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('s3'), bucket: z.string(), region: z.string() }),
  z.object({
    kind: z.literal('r2'),
    bucket: z.string(),
    /** Cloudflare's. */
    account: z.string(),
    endpoint: z.url(),
  }),
]);
export type StoreReply = z.infer<typeof StoreReply>;

/** How a service lands in one stage, and what it holds now. */
export const TargetReply = z.object({
  kind: z.enum(['argocd', 'store']),
  /** In the Ledger: the manifest, and what is set to the version. */
  path: z.string(),
  key: z.string(),
  landed: Landed.optional(),
});
export type TargetReply = z.infer<typeof TargetReply>;

/** What is known of one version on its way into one stage: what `conveyor deploy` decides by. */
export const VersionReply = z.object({
  version: Version,
  environment: EnvironmentName,
  /** Absent until intake has seen it. */
  release: Release.optional(),
  /** Why intake did not take in what was pushed under this version; only where there is no release. */
  refusal: Refusal.optional(),
  /** It landed there once, whatever runs there now. */
  wasPromoted: z.boolean(),
  /** Its newest promotion into this environment: the one under way where there is one. */
  promotion: Promotion.optional(),
});
export type VersionReply = z.infer<typeof VersionReply>;

export const ServiceReply = z.object({
  service: ServiceName,
  /** The platform's repository, as `deployments/` names it: the Ledger's `owner/name`. */
  platform: z.string(),
  /** The caller, as STS named them. */
  you: z.object({ principal: z.string() }),
  kind: z.enum(['image', 'tarball']),
  /** Where its tarballs are pushed to; absent for an image. */
  store: StoreReply.optional(),
  stages: z.array(EnvironmentName),
  targets: z.record(EnvironmentName, TargetReply),
  /** Seconds within which intake sees what was pushed, also where no event told it: the sweep's interval and its work. */
  seenWithin: z.int().positive(),
  /** Where `version` and `environment` were asked about. */
  asked: VersionReply.optional(),
});
export type ServiceReply = z.infer<typeof ServiceReply>;

export const ProvisionRequest = z.object({
  environment: EnvironmentName,
  /** Left out: every service of the environment. */
  service: ServiceName.optional(),
  mode: RunMode,
  /** Made by the client once per intention: asking twice with it starts one run. */
  requestId: z.string().regex(/^[\w-]{16,64}$/),
});
export type ProvisionRequest = z.infer<typeof ProvisionRequest>;

/** A run and what it found; hosts that it has not come to yet are `waiting`. */
export const ProvisionReply = RunReport;

export const PromotionIdOrPrefix = z.union([
  PromotionId,
  z.string().regex(/^p_[0-9A-HJKMNP-TV-Z]{4,25}$/),
]);
