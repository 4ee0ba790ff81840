import * as z from 'zod';
import { Digest } from './digest.ts';
import { EnvironmentName, PersonName, PromotionId, ServiceName, Version } from './names.ts';
import { Place } from './place.ts';
import { HostOutcome, InstanceId } from './rollout.ts';

/** A catch-up's hosts are named in its record, which has to stay small. */
export const MOST_CAUGHT_UP = 500;

/** How a promotion can end; each ends in exactly one of these (design: "The life of a promotion"). */
export const FINAL_STATES = [
  'promoted',
  'superseded',
  'rejected',
  'expired',
  'refused',
  'quarantined',
  'failed',
  'aborted',
  'rolled back',
] as const;
export const FinalState = z.enum(FINAL_STATES);
export type FinalState = z.infer<typeof FinalState>;

/** Where a promotion is before it has ended. */
export const RUNNING_STATES = [
  'queued',
  'checking',
  'awaiting approval',
  'copying',
  'landing',
  'observing',
] as const;
export const PromotionState = z.enum([...RUNNING_STATES, ...FINAL_STATES]);
export type PromotionState = z.infer<typeof PromotionState>;

export function isFinal(state: PromotionState): state is FinalState {
  return (FINAL_STATES as readonly string[]).includes(state);
}

/** Who did something: an AWS principal that STS named, the person it is known as, or Conveyor by itself. */
export const Actor = z.union([
  z.object({ principal: z.string(), person: PersonName.optional() }),
  z.object({ automatic: z.enum(['intake', 'sweep', 'promotion']) }),
]);
export type Actor = z.infer<typeof Actor>;

/**
 * `rollback`: to what ran there before. `catch-up`: what is promoted there already goes to hosts that do not run it; it changes
 * neither what the environment holds nor the version in the Ledger.
 */
export const PromotionKind = z.enum(['promotion', 'rollback', 'catch-up']);
export type PromotionKind = z.infer<typeof PromotionKind>;

/** One artifact of a service with its version, as intake saw it. */
export const Release = z.object({
  schema: z.literal(1),
  service: ServiceName,
  version: Version,
  digest: Digest,
  source: Place,
  /** When it was pushed (the event's time, or the registry's). */
  pushedAt: z.iso.datetime(),
  seenAt: z.iso.datetime(),
  announcedBy: z.enum(['event', 'sweep']),
});
export type Release = z.infer<typeof Release>;

/** What an environment holds: the release that the last successful promotion landed there. */
export const Landed = z.object({
  version: Version,
  digest: Digest,
  /** The release's, to tell older from newer. */
  pushedAt: z.iso.datetime(),
  promotion: PromotionId,
  since: z.iso.datetime(),
});
export type Landed = z.infer<typeof Landed>;

/** What one approver answered. */
export const Vote = z.object({
  person: PersonName,
  decision: z.enum(['approve', 'reject']),
  at: z.iso.datetime(),
  via: z.enum(['page', 'cli']),
  note: z.string().optional(),
});
export type Vote = z.infer<typeof Vote>;

/** The line that will change in the Ledger, as shown to approvers. */
export const LedgerDiff = z.object({
  path: z.string(),
  key: z.string(),
  line: z.number(),
  before: z.string(),
  after: z.string(),
});
export type LedgerDiff = z.infer<typeof LedgerDiff>;

/**
 * What a step left behind. Later steps and retries overwrite by name, so a step that ran twice is told once;
 * a failed promotion says by these what was already copied or committed.
 */
export const Steps = z.object({
  gates: z
    .object({
      at: z.iso.datetime(),
      decision: z.string(),
      reasons: z.array(z.string()),
      policy: z.string(),
    })
    .optional(),
  approval: z
    .object({
      askedAt: z.iso.datetime(),
      expiresAt: z.iso.datetime(),
      asked: z.array(PersonName),
      minimum: z.number(),
      votes: z.array(Vote),
      /** Hash of what was shown: digest, destination's version, ledger, policy. */
      shown: z.string(),
      diff: z.array(LedgerDiff),
    })
    .optional(),
  copy: z
    .object({
      at: z.iso.datetime(),
      outcome: z.enum(['copied', 'already-present', 'same-place']),
      manifests: z.number(),
      blobsCopied: z.number(),
      blobsSkipped: z.number(),
      bytes: z.number(),
    })
    .optional(),
  verify: z.object({ at: z.iso.datetime(), digest: Digest, children: z.array(Digest) }).optional(),
  ledger: z
    .object({
      at: z.iso.datetime(),
      /** `not-committed`: a try was never answered; looked for later, its commit is not there. */
      outcome: z.enum(['committed', 'already-committed', 'already-so', 'not-committed']),
      commit: z.string().optional(),
      url: z.string().optional(),
      changes: z.array(LedgerDiff),
    })
    .optional(),
  /** What the hosts were seen to run; the first hundred by name. */
  hosts: z
    .object({
      at: z.iso.datetime(),
      all: z.number(),
      promoted: z.number(),
      failed: z.number(),
      restored: z.number(),
      /** Not to be reached when it began. */
      late: z.number(),
      wave: z.number(),
      waves: z.number(),
      verdict: z.enum(['promoted', 'stopped', 'undone']).optional(),
      /** Run Command's ids. */
      commands: z.array(z.string()),
      hosts: z.array(HostOutcome),
    })
    .optional(),
  observe: z
    .object({
      at: z.iso.datetime(),
      application: z.string(),
      sync: z.string(),
      health: z.string(),
      revision: z.string().optional(),
      images: z.array(z.string()),
      /** `manual`: Argo CD waits for a person to sync. */
      awaits: z.enum(['nothing', 'manual sync', 'unobserved']),
    })
    .optional(),
});
export type Steps = z.infer<typeof Steps>;

/** One release going into one environment, with everything a receipt will need. */
export const Promotion = z.object({
  schema: z.literal(1),
  id: PromotionId,
  kind: PromotionKind,
  /** The hosts that a catch-up is for. */
  only: z.array(InstanceId).max(MOST_CAUGHT_UP).optional(),
  service: ServiceName,
  environment: EnvironmentName,
  version: Version,
  digest: Digest,
  pushedAt: z.iso.datetime(),
  source: Place,
  destination: Place,
  /** What the environment held when this promotion's turn came. */
  previous: Landed.optional(),
  requestedBy: Actor,
  reason: z.string().optional(),
  /** The requester asked for an approval where the environment leaves it optional. */
  approvalWanted: z.boolean(),
  createdAt: z.iso.datetime(),
  state: PromotionState,
  stateSince: z.iso.datetime(),
  /** Why it waits or how it ended, in words. */
  because: z.string().optional(),
  cause: z
    .object({
      code: z.string(),
      message: z.string(),
      fix: z.string().optional(),
      step: z.string().optional(),
    })
    .optional(),
  /** The Step Functions execution, for a deep link. */
  execution: z.string().optional(),
  endedAt: z.iso.datetime().optional(),
  steps: Steps,
});
export type Promotion = z.infer<typeof Promotion>;

/** A push or an upload that is not a release, and why. */
export const Refusal = z.object({
  schema: z.literal(1),
  at: z.iso.datetime(),
  account: z.string(),
  /** Or the bucket. */
  repository: z.string(),
  /** Or the object's key. */
  tag: z.string().optional(),
  digest: z.string().optional(),
  code: z.enum([
    'latest',
    'tag-pattern',
    'repository',
    'account',
    'untagged',
    'moved-tag',
    'not-a-source',
    'key',
    'service',
    'bucket',
    'artifact',
    'moved-object',
  ]),
  reason: z.string(),
});
export type Refusal = z.infer<typeof Refusal>;
