import type { EnvironmentName, PromotionId, ServiceName, Version } from '../domain/names.ts';
import type { ProvisionRun, RunId } from '../domain/provision-run.ts';
import type { Key } from '../ports/table.ts';

/**
 * Where everything is kept. One partition a service, so that a service's whole state is one query away; promotions
 * sort by their ULID, that is by time.
 */
export const keys = {
  service: (service: ServiceName) => `S#${service}`,
  release: (service: ServiceName, version: Version): Key => ({
    pk: `S#${service}`,
    sk: `R#${version}`,
  }),
  promotion: (service: ServiceName, environment: EnvironmentName, id: PromotionId): Key => ({
    pk: `S#${service}`,
    sk: `E#${environment}#P#${id}`,
  }),
  promotions: (environment: EnvironmentName) => `E#${environment}#P#`,
  line: (environment: EnvironmentName) => `E#${environment}#L#`,
  lock: (service: ServiceName, environment: EnvironmentName): Key => ({
    pk: `S#${service}`,
    sk: `E#${environment}#L#LOCK`,
  }),
  landed: (service: ServiceName, environment: EnvironmentName): Key => ({
    pk: `S#${service}`,
    sk: `E#${environment}#L#LANDED`,
  }),
  waiter: (service: ServiceName, environment: EnvironmentName, id: PromotionId): Key => ({
    pk: `S#${service}`,
    sk: `E#${environment}#L#WAIT#${id}`,
  }),
  /** Since when the service's source is watched. */
  watch: (service: ServiceName): Key => ({ pk: `S#${service}`, sk: 'WATCH' }),
  /** This version was promoted there once. */
  promoted: (service: ServiceName, environment: EnvironmentName, version: Version): Key => ({
    pk: `S#${service}`,
    sk: `E#${environment}#V#${version}`,
  }),
  pointer: (id: PromotionId): Key => ({ pk: `P#${id}`, sk: 'P' }),
  request: (requestId: string): Key => ({ pk: `Q#${requestId}`, sk: 'Q' }),
  approval: (id: PromotionId, round: number): Key => ({
    pk: `P#${id}`,
    sk: `A#${String(round).padStart(4, '0')}`,
  }),
  approvals: (id: PromotionId) => ({ pk: `P#${id}`, sk: 'A#' }),
  rollout: (id: PromotionId): Key => ({ pk: `P#${id}`, sk: 'H' }),
  batch: (id: PromotionId, plan: string, number: number): Key => ({
    pk: `P#${id}`,
    sk: `H#${plan}#${String(number).padStart(4, '0')}`,
  }),
  batches: (id: PromotionId, plan: string) => ({ pk: `P#${id}`, sk: `H#${plan}#` }),
  /** Provisioning is an environment's matter: one partition each. */
  provisionTurn: (environment: EnvironmentName): Key => ({ pk: `V#${environment}`, sk: 'TURN' }),
  provisioned: (environment: EnvironmentName, service: ServiceName): Key => ({
    pk: `V#${environment}`,
    sk: `S#${service}`,
  }),
  allProvisioned: (environment: EnvironmentName) => [`V#${environment}`, 'S#'] as const,
  provisionRun: (environment: EnvironmentName, run: RunId): Key => ({
    pk: `V#${environment}`,
    sk: `R#${run}`,
  }),
  provisionService: (run: ProvisionRun, service: ServiceName): Key => ({
    pk: runParts(run),
    sk: `S#${service}`,
  }),
  provisionServices: (run: ProvisionRun) => [runParts(run), 'S#'] as const,
  provisionBatch: (run: ProvisionRun, service: ServiceName, number: number): Key => ({
    pk: runParts(run),
    sk: `B#${service}#${String(number).padStart(4, '0')}`,
  }),
  provisionBatches: (run: ProvisionRun) => [runParts(run), 'B#'] as const,
  /** Of a service's hosts there: when they were looked at; then, in parts, what each was seen to run. */
  hosts: (service: ServiceName, environment: EnvironmentName): Key => ({
    pk: `S#${service}`,
    sk: `E#${environment}#H`,
  }),
  hostsPart: (service: ServiceName, environment: EnvironmentName, part: number): Key => ({
    pk: `S#${service}`,
    sk: `E#${environment}#H#${String(part).padStart(2, '0')}`,
  }),
  link: (tokenHash: string): Key => ({ pk: `T#${tokenHash}`, sk: 'T' }),
  refusal: (id: string): Key => ({ pk: 'REFUSALS', sk: `R#${id}` }),
  once: (hash: string): Key => ({ pk: `U#${hash}`, sk: 'U' }),
} as const;

const runParts = ({ environment, run, plan }: ProvisionRun) =>
  `V#${environment}#${run}#${plan ?? ''}`;
