import { TableApprovals } from '../../../lambdas/adapters/table-approvals.ts';
import { TableLines } from '../../../lambdas/adapters/table-lines.ts';
import { TablePromotions } from '../../../lambdas/adapters/table-promotions.ts';
import { TableReleases } from '../../../lambdas/adapters/table-releases.ts';
import type { EnvironmentName } from '../../../lambdas/domain/names.ts';
import type { Approvals } from '../../../lambdas/ports/approvals.ts';
import type { Deployments } from '../../../lambdas/ports/argocd.ts';
import type { Clock } from '../../../lambdas/ports/clock.ts';
import type { Executions, Sealer } from '../../../lambdas/ports/executions.ts';
import type { Ledger } from '../../../lambdas/ports/ledger.ts';
import type { Lines } from '../../../lambdas/ports/lines.ts';
import type { Alarms, Notices } from '../../../lambdas/ports/notices.ts';
import type { Promotions } from '../../../lambdas/ports/promotions.ts';
import type { Registry } from '../../../lambdas/ports/registry.ts';
import type { Releases } from '../../../lambdas/ports/releases.ts';
import type { Sources } from '../../../lambdas/ports/sources.ts';
import type { Table } from '../../../lambdas/ports/table.ts';

/** Everything outside of a function. */
export interface Outside {
  readonly table: Table;
  readonly ledger: Ledger;
  readonly executions: Executions;
  readonly sealer: Sealer;
  readonly notices: Notices;
  readonly alarms: Alarms;
  readonly argocd: Deployments;
  readonly sources: Sources;
  readonly registries: Readonly<Record<string, Registry>>;
}

export interface Ports {
  /** Behind the four that follow; functions do not see it. */
  readonly table: Table;
  readonly releases: Releases;
  readonly promotions: Promotions;
  readonly lines: Lines;
  readonly approvals: Approvals;
  readonly ledger: Ledger;
  readonly executions: Executions;
  readonly sealer: Sealer;
  readonly notices: Notices;
  readonly alarms: Alarms;
  readonly deployments: Deployments;
  readonly sources: Sources;
  readonly clock: Clock;
  readonly pages: URL;
  readonly openRegistry: (place: { environment: EnvironmentName }) => Promise<Registry>;
}

/** The ports of one process: the real adapters over the table, the outside as it is given. */
export function bindPorts(outside: Outside, clock: Clock): Ports {
  const { table, argocd, registries, ...others } = outside;
  return {
    ...others,
    table,
    releases: new TableReleases(table),
    promotions: new TablePromotions(table),
    lines: new TableLines(table),
    approvals: new TableApprovals(table),
    deployments: argocd,
    clock,
    pages: new URL('https://pages.example/'),
    openRegistry: async ({ environment }) => {
      const registry = registries[environment];
      if (registry === undefined) throw new Error(`no registry in ${environment}`);
      return registry;
    },
  };
}
