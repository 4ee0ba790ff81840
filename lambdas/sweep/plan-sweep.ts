import type { ConveyorConfig } from '../domain/config.ts';
import type { EnvironmentName, ServiceName } from '../domain/names.ts';

export interface SweepPlan {
  /** Environments that releases come from. */
  readonly sources: readonly { readonly environment: EnvironmentName }[];
  /** Every (service, environment). */
  readonly lines: readonly {
    readonly service: ServiceName;
    readonly environment: EnvironmentName;
  }[];
  /** Those of them that run on hosts. */
  readonly hosts: SweepPlan['lines'];
}

/** What a sweep has to look at. */
export function planSweep(config: ConveyorConfig): SweepPlan {
  const services = Object.entries(config.services) as [
    ServiceName,
    ConveyorConfig['services'][ServiceName],
  ][];
  const sources = new Set(services.flatMap(([, { stages }]) => stages.slice(0, 1)));
  const linesOf = (some: typeof services) =>
    some.flatMap(([service, { stages }]) =>
      stages.map((environment) => ({ service, environment })),
    );
  return {
    sources: [...sources].map((environment) => ({ environment })),
    lines: linesOf(services),
    hosts: linesOf(services.filter(([, { target }]) => target.compose ?? target.systemd)),
  };
}
