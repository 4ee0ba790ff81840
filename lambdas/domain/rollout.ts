import * as z from 'zod';
import { Digest } from './digest.ts';
import { Rollout } from './host-target.ts';
import { EnvironmentName, PromotionId, ServiceName, Version } from './names.ts';

/** EC2's ("Resource IDs"): 8 or 17 hex digits. */
export const InstanceId = z
  .string()
  .regex(/^i-(?:[0-9a-f]{8}|[0-9a-f]{17})$/, 'an instance is named like i-0123456789abcdef0')
  .brand<'InstanceId'>();
export type InstanceId = z.infer<typeof InstanceId>;

export type HostKind = 'systemd' | 'compose';

/** Provisioning's document serves hosts of the kind systemd. */
export type DocumentKind = HostKind | 'provision';

/** Run Command's document, as `infra` names it in every environment's account. */
export function documentName(kind: DocumentKind): string {
  const names = { systemd: 'DeploySystemd', compose: 'DeployCompose', provision: 'Provision' };
  return `Conveyor-${names[kind]}`;
}

/** The one line that a host's script prints: what is seen on the host, whatever was asked for. */
export const HostReport = z.object({
  schema: z.literal(1),
  service: ServiceName,
  action: z.enum(['deploy', 'observe', 'restore']),
  state: z.enum(['running', 'failed', 'absent', 'busy', 'refused']),
  version: Version.optional().catch(undefined),
  digest: Digest.optional().catch(undefined),
  /** The last version that passed on this host. */
  good: Version.optional().catch(undefined),
  startedAt: z.string().max(40).optional().catch(undefined),
  health: z.enum(['passed', 'failed', 'none']).optional().catch(undefined),
  /** Who put the version that runs there by hand, past Conveyor. */
  held: z.string().max(200).optional().catch(undefined),
  reason: z.string().max(500).default(''),
});
export type HostReport = z.infer<typeof HostReport>;

/**
 * What became of a host. `late`: not to be reached when the rollout began, left to the sweep. `failed`: it does not run the
 * release; what it runs instead is told beside. `unknown`: it was reached once and does not answer any more.
 */
export const HostOutcome = z.object({
  instance: InstanceId,
  state: z.enum(['waiting', 'promoted', 'failed', 'unknown', 'restored', 'late']),
  version: Version.optional(),
  digest: Digest.optional(),
  reason: z.string().optional(),
});
export type HostOutcome = z.infer<typeof HostOutcome>;

/** One Run Command to at most fifty hosts ("SendCommand", `InstanceIds`). */
export const SentCommand = z.object({
  action: z.enum(['deploy', 'observe', 'restore']),
  /** Named before it is sent: a try whose reply was lost finds it again. */
  comment: z.string().max(100),
  /** Once it is sent, those that were still there; with none, it counts as answered by nobody. */
  instances: z.array(InstanceId),
  /** Not sent before then. */
  since: z.iso.datetime(),
  /** SSM's id, once it is known. */
  id: z.string().optional(),
});
export type SentCommand = z.infer<typeof SentCommand>;

/**
 * `returning`: hosts that a script left between two versions are brought back to their own. `undoing`: all that were reached
 * are. Each is followed by a look.
 */
export const BatchPhase = z.enum([
  'planned',
  'deploying',
  'observing',
  'returning',
  'looking',
  'settled',
  'undoing',
  'seeing',
  'undone',
]);
export type BatchPhase = z.infer<typeof BatchPhase>;

export const Batch = z.object({
  schema: z.literal(1),
  number: z.int(),
  wave: z.int(),
  phase: BatchPhase,
  hosts: z.array(HostOutcome),
  command: SentCommand.optional(),
  /** All that were sent, for the record. */
  commands: z.array(z.string()),
});
export type Batch = z.infer<typeof Batch>;

/** What of a rollout's policy counts once its waves are planned; seconds. */
const Policy = z.object({
  maxErrors: Rollout.shape.maxErrors.unwrap(),
  onFailure: Rollout.shape.onFailure.unwrap(),
  within: z.int(),
  /** That a host waits for its health check. */
  health: z.int().optional(),
  pause: z.int().optional(),
});

/** One release going to the hosts of one environment. */
export const HostRollout = z.object({
  schema: z.literal(1),
  promotion: PromotionId,
  service: ServiceName,
  environment: EnvironmentName,
  version: Version,
  digest: Digest,
  policy: Policy,
  /** Of the batches: one that died while it planned leaves batches that belong to no rollout. */
  plan: z.string(),
  waves: z.int(),
  /** The one under way, from 0. */
  wave: z.int(),
  phase: z.enum(['deploying', 'undoing', 'ended']),
  /** Not before then the next wave. */
  notBefore: z.iso.datetime().optional(),
  late: z.array(InstanceId),
  /** What the hosts' script is asked, as JSON, without the action: fixed when the rollout begins. */
  request: z.string(),
  /** Set with `ended`. */
  verdict: z.enum(['promoted', 'stopped', 'undone']).optional(),
});
export type HostRollout = z.infer<typeof HostRollout>;
