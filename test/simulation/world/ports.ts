import { Readable } from 'node:stream';
import { TableApprovals } from '../../../lambdas/adapters/table-approvals.ts';
import { TableLines } from '../../../lambdas/adapters/table-lines.ts';
import { TablePromotions } from '../../../lambdas/adapters/table-promotions.ts';
import { TableProvisionRuns } from '../../../lambdas/adapters/table-provision-runs.ts';
import { TableProvisionTurns } from '../../../lambdas/adapters/table-provision-turns.ts';
import { TableReleases } from '../../../lambdas/adapters/table-releases.ts';
import { TableRollouts } from '../../../lambdas/adapters/table-rollouts.ts';
import { TableSightings } from '../../../lambdas/adapters/table-sightings.ts';
import type { EnvironmentName } from '../../../lambdas/domain/names.ts';
import { inspectTarball } from '../../../lambdas/intake/inspect-tarball.ts';
import type { Approvals } from '../../../lambdas/ports/approvals.ts';
import type { Deployments } from '../../../lambdas/ports/argocd.ts';
import type { Bus } from '../../../lambdas/ports/bus.ts';
import type { Clock } from '../../../lambdas/ports/clock.ts';
import type { Executions, Sealer } from '../../../lambdas/ports/executions.ts';
import type { HostCommands } from '../../../lambdas/ports/host-commands.ts';
import type { Hosts } from '../../../lambdas/ports/hosts.ts';
import type { Ledger } from '../../../lambdas/ports/ledger.ts';
import type { Lines } from '../../../lambdas/ports/lines.ts';
import type { Alarms, Notices } from '../../../lambdas/ports/notices.ts';
import type { Objects } from '../../../lambdas/ports/objects.ts';
import type { Promotions } from '../../../lambdas/ports/promotions.ts';
import type { ProvisionRuns, ProvisionTurns } from '../../../lambdas/ports/provision-runs.ts';
import type { Provisioning, Targets } from '../../../lambdas/ports/provisioning.ts';
import type { Registry } from '../../../lambdas/ports/registry.ts';
import type { Releases } from '../../../lambdas/ports/releases.ts';
import type { Rollouts } from '../../../lambdas/ports/rollouts.ts';
import type { Sightings } from '../../../lambdas/ports/sightings.ts';
import type { Sources } from '../../../lambdas/ports/sources.ts';
import type { Table } from '../../../lambdas/ports/table.ts';
import type { SecretStore } from './ingress.ts';
import type { Cloudflare } from './run-worker.ts';

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
  /** Buckets of tarballs, by their names. */
  readonly stores: Readonly<Record<string, Objects>>;
  /** Where services run on hosts. */
  readonly fleet?: (environment: string) => Hosts & HostCommands;
  /** What provisioning is told and tells, and the hosts as its own document reaches them. */
  readonly provisioning?: Provisioning & Targets;
  readonly scaffolds?: (environment: string) => (Hosts & HostCommands) | undefined;
  /** Where nobody tells of uploads to R2, there is none of it; few functions ask. */
  readonly r2?: () => R2Ports;
}

export interface R2Ports {
  readonly bus: Bus;
  readonly secretStore: SecretStore;
  readonly cloudflare: Cloudflare;
}

export interface Ports {
  /** Behind the four that follow; functions do not see it. */
  readonly table: Table;
  readonly releases: Releases;
  readonly promotions: Promotions;
  readonly lines: Lines;
  readonly approvals: Approvals;
  readonly rollouts: Rollouts;
  readonly sightings: Sightings;
  readonly ledger: Ledger;
  readonly executions: Executions;
  readonly sealer: Sealer;
  readonly notices: Notices;
  readonly alarms: Alarms;
  readonly deployments: Deployments;
  readonly fleet?: (environment: string) => Hosts & HostCommands;
  readonly runs: ProvisionRuns;
  readonly turns: ProvisionTurns;
  readonly provisioning?: Provisioning & Targets;
  readonly scaffolds?: (environment: string) => (Hosts & HostCommands) | undefined;
  readonly openCommands: (ref: { environment: string }) => Promise<HostCommands>;
  readonly sources: Sources;
  readonly clock: Clock;
  readonly pages: URL;
  readonly openRegistry: (place: { environment: EnvironmentName }) => Promise<Registry>;
  readonly openStore: (place: { bucket: string }) => Promise<Objects>;
  readonly inspect: typeof inspectTarball;
  /** @throws Error where the world has none */
  readonly openR2: () => R2Ports;
}

/** The ports of one process: the real adapters over the table, the outside as it is given. */
export function bindPorts(
  outside: Outside,
  clock: Clock,
  /** Told of work in other threads, where somebody counts the time. */
  elsewhere = <T>(work: Promise<T>): Promise<T> => work,
): Ports {
  const { table, argocd, registries, stores, r2, ...others } = outside;
  return {
    ...others,
    table,
    releases: new TableReleases(table),
    promotions: new TablePromotions(table),
    lines: new TableLines(table),
    approvals: new TableApprovals(table),
    rollouts: new TableRollouts(table),
    sightings: new TableSightings(table),
    runs: new TableProvisionRuns(table),
    turns: new TableProvisionTurns(table),
    deployments: argocd,
    openCommands: async ({ environment }) => {
      const fleet = others.fleet?.(environment);
      if (fleet === undefined) throw new Error(`no hosts in ${environment}`);
      return fleet;
    },
    clock,
    pages: new URL('https://pages.example/'),
    openRegistry: async ({ environment }) => {
      const registry = registries[environment];
      if (registry === undefined) throw new Error(`no registry in ${environment}`);
      return registry;
    },
    openStore: async ({ bucket }) => {
      const store = stores[bucket];
      if (store === undefined) throw new Error(`no bucket ${bucket}`);
      return store;
    },
    inspect: async (content, limits) => {
      const bytes = await all(content);
      return elsewhere(inspectTarball(bytes, limits));
    },
    openR2: () => {
      if (r2 === undefined) throw new Error('nobody tells of uploads to R2 here');
      return r2();
    },
  };
}

/** Read in this world's time, before other threads have a part in it. */
async function all(content: AsyncIterable<Uint8Array>): Promise<AsyncIterable<Uint8Array>> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of content) chunks.push(chunk);
  return Readable.from(chunks);
}
