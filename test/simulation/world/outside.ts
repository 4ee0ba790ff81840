import type { MemoryObjects } from '../../fakes/memory-objects.ts';
import type { Outside } from './ports.ts';
import type { Process } from './process.ts';
import { readSlowly } from './read-slowly.ts';
import { onWire } from './tap.ts';
import type { World } from './world.ts';

/** Everything outside of one process, at the other end of its wire. */
export function outsideOf(world: World, process: Process): Outside {
  const on = <T extends object>(port: string, target: T) =>
    onWire(world.wire, process, port, target);
  const { r2 } = world.config.releaseStore;
  const read = (bucket: MemoryObjects) => readSlowly(world, process, bucket);
  return {
    table: on('table', world.table),
    ledger: on('ledger', world.ledger),
    executions: on('executions', world.promotes),
    sealer: on('sealer', world.sealer),
    notices: on('notices', world.notices),
    alarms: on('alarms', world.alarms),
    argocd: on('argocd', world.argocd),
    sources: on('sources', world.sources),
    registries: Object.fromEntries(
      Object.entries(world.registries).map(([name, registry]) => [
        name,
        on(`registry.${name}`, registry),
      ]),
    ),
    stores: Object.fromEntries(
      Object.entries(world.buckets).map(([name, bucket]) => [
        name,
        on(name === r2?.bucket ? 'store.r2' : `store.${name.split('-')[1]}`, read(bucket)),
      ]),
    ),
    fleet: (environment) => {
      const fleet = world.fleets[environment];
      if (fleet === undefined) throw new Error(`no hosts in ${environment}`);
      return on(`hosts.${environment}`, fleet);
    },
    provisioning: on('parameters', world.provisioning.parameters),
    scaffolds: (environment) => {
      const fleet = world.fleets[environment];
      return fleet && on(`scaffolds.${environment}`, fleet.provisions);
    },
    ...(r2 && { r2: () => world.r2.ports(on) }),
  };
}
