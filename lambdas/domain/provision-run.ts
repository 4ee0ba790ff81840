import * as z from 'zod';
import { DesiredState } from './desired-state.ts';
import { HostTag } from './host-target.ts';
import { EnvironmentName, ServiceName } from './names.ts';
import { InstanceId } from './rollout.ts';

/** The name of the execution that steps it ("StartExecution", `name`): once for each time that somebody asked. */
export const RunId = z
  .string()
  .regex(/^[A-Za-z0-9_-]{1,80}$/, 'a run is named like its execution')
  .brand<'RunId'>();
export type RunId = z.infer<typeof RunId>;

/** `plan` looks at hosts and changes nothing; `apply` brings them to what is declared. */
export const RunMode = z.enum(['plan', 'apply']);
export type RunMode = z.infer<typeof RunMode>;

/**
 * `converged`: every host that can be reached was seen to be as declared. `incomplete`: some were not, `failed`: the run
 * itself came to nothing. `planned` ends a plan.
 */
export const RunState = z.enum([
  'waiting',
  'running',
  'planned',
  'converged',
  'incomplete',
  'failed',
]);
export type RunState = z.infer<typeof RunState>;

/** One provisioning of an environment: who asked for what, and how it stands. */
export const ProvisionRun = z.object({
  schema: z.literal(1),
  run: RunId,
  environment: EnvironmentName,
  mode: RunMode,
  /** This one alone; all where there is none. */
  service: ServiceName.optional(),
  asked: z.iso.datetime(),
  /** A person's name or a principal; nobody where a change or the schedule did. */
  askedBy: z.string().optional(),
  /** When what is declared was read: a change before it is in it. */
  began: z.iso.datetime().optional(),
  /** Of its parts: a step that died while it planned leaves parts that belong to no run. */
  plan: z.string().optional(),
  ended: z.iso.datetime().optional(),
  state: RunState,
  /** The run that began after this one was asked for, and so did all that this one would have. */
  answeredBy: RunId.optional(),
  /** In one sentence, once it has ended. */
  because: z.string().optional(),
});
export type ProvisionRun = z.infer<typeof ProvisionRun>;

export const isOver = ({ state }: Pick<ProvisionRun, 'state'>) =>
  state !== 'waiting' && state !== 'running';

/** What a run does about one service: as it was declared when the run began. */
export const ServiceRun = z.object({
  service: ServiceName,
  wanted: z.enum(['present', 'absent']),
  hosts: HostTag,
  /** Absent where the declaration is gone and only the record of an earlier run tells of it. */
  desired: DesiredState.optional(),
  /** Hosts with the tag that cannot be reached now; a later run finds them. */
  unreachable: z.array(InstanceId),
  /** Why nothing is done about it at all. */
  problem: z.string().optional(),
});
export type ServiceRun = z.infer<typeof ServiceRun>;

export const PlannedChange = z.object({
  /** The path of a part, or `unit` where systemd's state differs from the file. */
  part: z.string(),
  change: z.enum(['create', 'content', 'owner', 'remove', 'enable', 'reload', 'restart']),
  why: z.string(),
});
/** One difference between a host and what is declared, for people and for the request alike. */
export type PlannedChange = z.infer<typeof PlannedChange>;

/**
 * `planned`: what would be done is in `action`. `as declared`: nothing had to be done, or has been done before.
 * `changed`: it was brought there, and seen to be. `failed`: it was tried, and the host is still otherwise. `blocked`:
 * nothing can be done there until somebody has done something; `reason` says what.
 */
export const HostProvision = z.object({
  instance: InstanceId,
  state: z.enum(['waiting', 'planned', 'as declared', 'changed', 'failed', 'blocked']),
  action: z.enum(['create', 'change', 'none', 'remove', 'blocked']).optional(),
  changes: z.array(PlannedChange).default([]),
  /** Left on the host by a removal. */
  keeps: z.array(z.string()).default([]),
  reason: z.string().optional(),
});
export type HostProvision = z.infer<typeof HostProvision>;

/** One Run Command of a run, to hosts that are asked the same. */
export const ProvisionCommand = z.object({
  action: z.enum(['observe', 'apply', 'remove']),
  /** Named before it is sent: a try whose reply was lost finds it again. */
  comment: z.string().max(100),
  instances: z.array(InstanceId),
  since: z.iso.datetime(),
  /** The key that the credential is sealed to in this one: it goes to the one host that has it. */
  hostKey: z.string().optional(),
  /** SSM's id, once it is known. */
  id: z.string().optional(),
  /** What SSM or the host said by the end, once there is no more to come. */
  told: z.record(InstanceId, z.string()).optional(),
});
export type ProvisionCommand = z.infer<typeof ProvisionCommand>;

/** At most fifty hosts of a service ("SendCommand", `InstanceIds`). */
export const ProvisionBatch = z.object({
  service: ServiceName,
  number: z.int(),
  phase: z.enum(['looking', 'applying', 'checking', 'settled']),
  /** From 1: how often the hosts were told. */
  round: z.int(),
  hosts: z.array(HostProvision),
  commands: z.array(ProvisionCommand),
});
export type ProvisionBatch = z.infer<typeof ProvisionBatch>;

/** A service of a run, as people and programs are told of it. */
export const ServiceReport = ServiceRun.omit({ desired: true }).extend({
  instances: z.array(HostProvision),
});
export type ServiceReport = z.infer<typeof ServiceReport>;

export const RunReport = z.object({ run: ProvisionRun, services: z.array(ServiceReport) });
export type RunReport = z.infer<typeof RunReport>;

/** Whose turn an environment's provisioning is; there is at most one run at a time that changes hosts. */
export const ProvisionTurn = z.object({
  run: RunId.optional(),
  /** When the run under way was last taken a step on. */
  stepped: z.iso.datetime(),
  /** The last one that has ended. */
  last: ProvisionRun.optional(),
});
export type ProvisionTurn = z.infer<typeof ProvisionTurn>;

/** What deployments read: where a service is on its hosts, as the last run that converged saw it. */
export const PublishedTarget = z.object({
  schema: z.literal(1),
  service: ServiceName,
  environment: EnvironmentName,
  kind: z.literal('systemd'),
  hosts: HostTag,
  folder: z.string(),
  unit: z.string(),
  /** Hosts that were seen to be as declared. */
  instances: z.int(),
  at: z.iso.datetime(),
});
export type PublishedTarget = z.infer<typeof PublishedTarget>;
