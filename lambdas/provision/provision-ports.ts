import type { EnvironmentName } from '../domain/names.ts';
import type { RunId } from '../domain/provision-run.ts';
import type { Clock } from '../ports/clock.ts';
import type { HostCommands } from '../ports/host-commands.ts';
import type { Hosts } from '../ports/hosts.ts';
import type { ProvisionRuns, ProvisionTurns } from '../ports/provision-runs.ts';
import type { Provisioning } from '../ports/provisioning.ts';

export interface ProvisionPorts {
  readonly runs: ProvisionRuns;
  readonly turns: ProvisionTurns;
  readonly provisioning: Provisioning;
  readonly clock: Clock;
  /** The content of the bootstrap that is put on hosts. */
  readonly bootstrap: string;
  /** An environment's hosts, by its deploy role; undefined where `conveyor.yaml` has no such environment any more. */
  readonly openHosts: (
    environment: EnvironmentName,
    run: RunId,
  ) => Promise<{ readonly hosts: Hosts; readonly commands: HostCommands } | undefined>;
}

/** What a state machine goes on by. */
export type Stepped =
  | { readonly outcome: 'wait'; readonly seconds: number }
  | { readonly outcome: 'converged' | 'planned' | 'incomplete' | 'failed' };
