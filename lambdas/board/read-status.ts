import type { z } from 'zod';
import type { ConveyorConfig } from '../domain/config.ts';
import { ConveyorError } from '../domain/errors.ts';
import { isCurrent } from '../domain/host-sighting.ts';
import { mayDecide } from '../domain/identity.ts';
import type { EnvironmentName, ServiceName } from '../domain/names.ts';
import type { Landed, Promotion } from '../domain/promotion.ts';
import { targetOf } from '../ledger/edits-for.ts';
import type { Deployments } from '../ports/argocd.ts';
import type { Clock } from '../ports/clock.ts';
import type { Lines } from '../ports/lines.ts';
import type { Promotions } from '../ports/promotions.ts';
import type { Sightings, Where } from '../ports/sightings.ts';
import { placeOf } from '../promote/new-promotion.ts';
import type { Caller } from './caller.ts';
import type { Cell, HostsSeen, Observed, StatusReply } from './contract.ts';

export interface StatusPorts {
  readonly lines: Lines;
  readonly sightings: Sightings;
  readonly promotions: Promotions;
  readonly deployments: Deployments | undefined;
  readonly clock: Clock;
}

/** `GET /hosts` names all. */
const MOST_NAMED = 5;

/** Services × environments: what landed, what is seen to run, what is on its way, what could come next. */
export async function readStatus(
  ports: StatusPorts,
  config: ConveyorConfig,
  caller: Caller,
): Promise<z.input<typeof StatusReply>> {
  const services = await Promise.all(
    (Object.keys(config.services) as ServiceName[]).map(async (service) => {
      const stages = config.services[service]?.stages ?? [];
      const cells = await Promise.all(
        stages.map((environment) => readCell(ports, config, service, environment)),
      );
      return { service, cells: cells.map((cell, i) => withNext(cell, cells[i - 1])) };
    }),
  );
  const running = services.flatMap(({ cells }) => cells.flatMap((cell) => cell.running ?? []));
  return {
    at: ports.clock.now().toISOString(),
    you: { principal: caller.principal, ...(caller.person && { person: caller.person }) },
    environments: Object.keys(config.environments) as EnvironmentName[],
    services,
    yours: running.filter((promotion) => mayDecide(promotion, caller.person, config).allowed),
  };
}

async function readCell(
  ports: StatusPorts,
  config: ConveyorConfig,
  service: ServiceName,
  environment: EnvironmentName,
): Promise<Cell> {
  const { holder, waiters, landed } = await ports.lines.read(service, environment);
  const get = (promotion: Promotion['id']) =>
    ports.promotions.get({ promotion, service, environment });
  const [running, queued, [last], observed, hosts] = await Promise.all([
    holder && get(holder.promotion),
    Promise.all(waiters.map((waiter) => get(waiter.promotion))),
    ports.promotions.history(service, environment, 1),
    observe(ports, config, service, environment),
    hostsSeen(ports, config, { service, environment }, landed),
  ]);
  const failed = last?.state === 'failed' ? last : undefined;
  return {
    environment,
    place: placeOf(config, service, environment),
    ...(landed && { landed }),
    ...(observed && { observed }),
    ...(hosts && { hosts }),
    ...(running && { running }),
    queued,
    ...(failed && { lastFailure: failed }),
  };
}

async function hostsSeen(
  { sightings }: StatusPorts,
  config: ConveyorConfig,
  where: Where,
  landed: Landed | undefined,
): Promise<HostsSeen | undefined> {
  if (!targetOf(config, where).onHosts) return undefined;
  const { at, hosts } = await sightings.read(where);
  if (hosts.length === 0 || landed === undefined) return undefined;
  const others = hosts.filter((host) => !isCurrent(host, landed));
  return {
    ...(at !== undefined && { at }),
    all: hosts.length,
    current: hosts.length - others.length,
    off: others.filter(({ state }) => state === 'off').length,
    others: others.filter(({ state }) => state !== 'off').slice(0, MOST_NAMED),
  };
}

function withNext(cell: Cell, before: Cell | undefined): Cell {
  const upstream = before?.landed;
  if (upstream === undefined || upstream.digest === cell.landed?.digest) return cell;
  return { ...cell, available: { version: upstream.version, digest: upstream.digest } };
}

async function observe(
  { deployments }: StatusPorts,
  config: ConveyorConfig,
  service: ServiceName,
  environment: EnvironmentName,
): Promise<Observed | undefined> {
  const { application } = targetOf(config, { service, environment });
  if (deployments === undefined || application === undefined) return undefined;
  try {
    const state = await deployments.application(application);
    if (state === undefined) return undefined;
    const { sync, health, revision, images } = state;
    return { sync, health, ...(revision !== undefined && { revision }), images: [...images] };
  } catch (error) {
    // Not seen is not an error of the status: the cell says nothing about what runs.
    if (error instanceof ConveyorError) return undefined;
    throw error;
  }
}
