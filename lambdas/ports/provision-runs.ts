import type { HostTag } from '../domain/host-target.ts';
import type { EnvironmentName, ServiceName } from '../domain/names.ts';
import type {
  ProvisionBatch,
  ProvisionRun,
  ProvisionTurn,
  RunId,
  RunMode,
  ServiceRun,
} from '../domain/provision-run.ts';
import type { Read } from './rollouts.ts';

/** What one run does: services, and their hosts in batches. */
export interface RunParts {
  readonly services: readonly ServiceRun[];
  readonly batches: readonly Read<ProvisionBatch>[];
}

/** What is remembered of provisioning. A save names what was read: @throws Unavailable where somebody else wrote since. */
export interface ProvisionRuns {
  /** Once: opened again, the first stays. */
  open(run: ProvisionRun): Promise<Read<ProvisionRun>>;
  find(environment: EnvironmentName, run: RunId): Promise<Read<ProvisionRun> | undefined>;
  /** Its parts, then the run itself, so that one that has begun has them all. */
  begin(
    run: ProvisionRun,
    was: Read<ProvisionRun>,
    services: readonly ServiceRun[],
    batches: readonly ProvisionBatch[],
  ): Promise<Read<ProvisionRun>>;
  parts(run: ProvisionRun): Promise<RunParts>;
  saveBatch(
    run: ProvisionRun,
    batch: ProvisionBatch,
    was: Read<ProvisionBatch>,
  ): Promise<Read<ProvisionBatch>>;
  /** Ends a run and, where it had the turn, gives the turn up: both or neither. */
  end(run: ProvisionRun, was: Read<ProvisionRun>): Promise<void>;
}

/** Whose turn it is, one environment at a time. */
export interface ProvisionTurns {
  read(environment: EnvironmentName): Promise<Read<ProvisionTurn> | undefined>;
  /** @throws Unavailable where somebody else was first */
  save(
    environment: EnvironmentName,
    turn: ProvisionTurn,
    was: Read<ProvisionTurn> | undefined,
  ): Promise<void>;
  /** Services that may be on hosts, with the tag that finds these: what a removal goes by once nothing declares them. */
  provisioned(
    environment: EnvironmentName,
  ): Promise<readonly { readonly service: ServiceName; readonly hosts: HostTag }[]>;
  remember(environment: EnvironmentName, service: ServiceName, hosts: HostTag): Promise<void>;
  /** Nothing of it is on hosts any more. */
  forget(environment: EnvironmentName, service: ServiceName, hosts: HostTag): Promise<void>;
}

/** Step Functions, as far as provisioning needs it. */
export interface ProvisionStarter {
  /** Starts the run's execution, named by it. Started before, running or closed, is success. @throws Unavailable */
  start(asked: {
    readonly run: RunId;
    readonly environment: EnvironmentName;
    readonly mode: RunMode;
    readonly service?: ServiceName;
  }): Promise<void>;
}
