import type { z } from 'zod';
import type { ConveyorConfig } from '../domain/config.ts';
import { InvalidConfiguration, NotFound } from '../domain/errors.ts';
import type { EnvironmentName, ServiceName, Version } from '../domain/names.ts';
import type { Promotion, Refusal } from '../domain/promotion.ts';
import { r2Endpoint, releaseKey, storePlace } from '../domain/release-store.ts';
import { targetOf } from '../ledger/edits-for.ts';
import type { Lines } from '../ports/lines.ts';
import type { Promotions } from '../ports/promotions.ts';
import type { Releases } from '../ports/releases.ts';
import { stageOf } from '../promote/new-promotion.ts';
import type { Caller } from './caller.ts';
import type { ServiceReply, StoreReply, VersionReply } from './contract.ts';

export interface ServicePorts {
  readonly lines: Lines;
  readonly promotions: Promotions;
  readonly releases: Releases;
}

interface Asked {
  readonly version: Version;
  readonly environment: EnvironmentName;
}

const LOOKED_AT = 200;
/** Seconds from the sweep's start until it has read a large tarball. */
const SWEEP_TAKES = 300;

/**
 * What a service's own repository does not say and its two verbs need: whose platform this is, where to push, how each
 * stage lands and what it holds. With `asked` also how far one version came, in few reads, as it is asked every few seconds.
 * @throws NotFound where the environment is no stage of the service
 */
export async function readService(
  ports: ServicePorts,
  config: ConveyorConfig,
  caller: Caller,
  service: ServiceName,
  asked?: Asked,
): Promise<z.input<typeof ServiceReply>> {
  const declared = config.services[service];
  if (declared === undefined) throw new NotFound(`There is no service ${service}`);
  const { owner, repository } = config.ledger.github;
  // Before what landed: of a promotion that lands between the two, the reply says both. The other way round it would tell of
  // one that is promoted and of nothing that landed, and whoever deploys would ask for it a second time.
  const how = asked && (await readVersion(ports, config, service, asked));
  const targets = await Promise.all(
    declared.stages.map(async (environment) => {
      const { path, key, application } = targetOf(config, { service, environment });
      const { landed } = await ports.lines.read(service, environment);
      const kind = application === undefined ? ('store' as const) : ('argocd' as const);
      return [environment, { kind, path, key, ...(landed && { landed }) }] as const;
    }),
  );
  const isTarball = declared.artifact.tarball !== undefined;
  return {
    service,
    platform: `${owner}/${repository}`,
    you: { principal: caller.principal },
    kind: isTarball ? 'tarball' : 'image',
    ...(isTarball && { store: storeOf(config, service) }),
    stages: declared.stages,
    targets: Object.fromEntries(targets),
    seenWithin: config.sweep.every + SWEEP_TAKES,
    ...(how && { asked: how }),
  };
}

function storeOf(config: ConveyorConfig, service: ServiceName): StoreReply {
  const { store, bucket, region, account } = storePlace(config, service, '');
  if (store === 's3') return { kind: 's3', bucket, region };
  const { r2 } = config.releaseStore;
  if (r2 === undefined) throw new InvalidConfiguration('releaseStore.r2 is not there');
  // "S3 API compatibility", Cloudflare R2.
  const endpoint = r2Endpoint(account, r2.endpoint);
  return { kind: 'r2', bucket, account, endpoint };
}

async function readVersion(
  ports: ServicePorts,
  config: ConveyorConfig,
  service: ServiceName,
  { version, environment }: Asked,
): Promise<VersionReply> {
  stageOf(config, service, environment);
  const release = await ports.releases.find(service, version);
  if (release === undefined) {
    const refusal = await refusalOf(ports, config, service, version);
    return { version, environment, wasPromoted: false, ...(refusal && { refusal }) };
  }
  const [wasPromoted, promotion] = await Promise.all([
    ports.promotions.wasPromoted(service, environment, version),
    newest(ports, service, environment, version),
  ]);
  return { version, environment, release, wasPromoted, ...(promotion && { promotion }) };
}

/** One that stands in line is found there, however many were opened since. */
async function newest(
  { lines, promotions }: ServicePorts,
  service: ServiceName,
  environment: EnvironmentName,
  version: Version,
): Promise<Promotion | undefined> {
  const { holder, waiters } = await lines.read(service, environment);
  const waiter = waiters.find((one) => one.version === version)?.promotion;
  const holding = holder && (await promotions.find(holder.promotion));
  if (holding?.version === version) return holding;
  if (waiter !== undefined) return promotions.find(waiter);
  const history = await promotions.history(service, environment, LOOKED_AT);
  return history.find((promotion) => promotion.version === version);
}

/**
 * What intake found wrong with the tarball itself, from the bucket that holds it now. That a service, a key or a bucket is
 * not the configuration's was true of a configuration that has changed since, and is not held against it.
 */
async function refusalOf(
  { releases }: ServicePorts,
  config: ConveyorConfig,
  service: ServiceName,
  version: Version,
): Promise<Refusal | undefined> {
  if (config.services[service]?.artifact.tarball === undefined) return undefined;
  const { key, bucket } = storePlace(config, service, releaseKey(service, version));
  const refusals = await releases.refusals(LOOKED_AT);
  return refusals.find(
    ({ repository, tag, code }) => repository === bucket && tag === key && code === 'artifact',
  );
}
