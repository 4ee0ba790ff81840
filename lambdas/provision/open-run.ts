import type { EnvironmentName, ServiceName } from '../domain/names.ts';
import type { ProvisionRun, RunId, RunMode } from '../domain/provision-run.ts';

export interface Asked {
  readonly run: RunId;
  readonly environment: EnvironmentName;
  readonly mode: RunMode;
  readonly service?: ServiceName;
  /** A person's name, or the principal of somebody that `people:` does not know. */
  readonly askedBy?: string;
}

/** A run as it is before its first step. Pure. */
export function openRun(asked: Asked, now: Date): ProvisionRun {
  const { run, environment, mode, service, askedBy } = asked;
  return {
    schema: 1,
    run,
    environment,
    mode,
    ...(service !== undefined && { service }),
    ...(askedBy !== undefined && { askedBy }),
    asked: now.toISOString(),
    state: 'waiting',
  };
}
