import type { ConveyorConfig } from './config.ts';
import { InvalidConfiguration, NotFound } from './errors.ts';
import { type EnvironmentName, ServiceName, Version } from './names.ts';
import type { ObjectPlace } from './place.ts';

/** `<service>/<SHA>.tar.gz`: a whole git SHA-1 or SHA-256, in lower case, so that one commit has one key. */
const KEY = /^([a-z][a-z0-9-]{0,39})\/((?:[0-9a-f]{40}|[0-9a-f]{64}))\.tar\.gz$/;

export function releaseKey(service: ServiceName, version: Version): string {
  return `${service}/${version}.tar.gz`;
}

/** What a key of the release store says; undefined where it is no release's. */
export function parseReleaseKey(
  key: string,
): { readonly service: ServiceName; readonly version: Version } | undefined {
  const [, service, version] = KEY.exec(key) ?? [];
  if (service === undefined || version === undefined) return undefined;
  return { service: ServiceName.parse(service), version: Version.parse(version) };
}

/** The bucket in the tools account that CI pushes to. */
export function storeBucket({
  tools,
  releaseStore,
}: Pick<ConveyorConfig, 'tools' | 'releaseStore'>) {
  return releaseStore.s3 === 'create'
    ? `conveyor-store-${tools.account}-${tools.region}`
    : releaseStore.s3.existing;
}

/** The bucket of an environment that its hosts read. At most 61 characters of S3's 63. */
export function releaseBucket(config: ConveyorConfig, environment: EnvironmentName): string {
  const here = config.environments[environment];
  if (here === undefined)
    throw new NotFound(`There is no environment ${environment}`, { data: { environment } });
  return here.releaseBucket === 'create'
    ? `conveyor-${environment}-${here.account}-${here.region}`
    : here.releaseBucket.existing;
}

/** The bucket of an environment that keeps what its hosts' scripts said. At most 53 characters of S3's 63. */
export function outputBucket(config: ConveyorConfig, environment: EnvironmentName): string {
  const here = config.environments[environment];
  if (here === undefined)
    throw new NotFound(`There is no environment ${environment}`, { data: { environment } });
  return `conveyor-output-${environment}-${here.account}`;
}

/** Where CI puts a service's releases. @throws NotFound, InvalidConfiguration */
export function storePlace(config: ConveyorConfig, service: ServiceName, key: string): ObjectPlace {
  const store = config.services[service]?.artifact.tarball;
  if (store === undefined)
    throw new NotFound(`${service} is no service with tarballs`, { data: { service } });
  if (store === 's3') {
    const { account, region } = config.tools;
    return { store, account, region, bucket: storeBucket(config), key };
  }
  const { r2 } = config.releaseStore;
  if (r2 === undefined)
    throw new InvalidConfiguration(`${service} is pushed to R2, and releaseStore.r2 is not there`);
  return { store, account: r2.account, region: 'auto', bucket: r2.bucket, key };
}

/** Where R2 is spoken to: what the configuration says, else the account's own host ("S3 API compatibility", Cloudflare R2). */
export function r2Endpoint(account: string, endpoint: string | undefined): string {
  return endpoint ?? `https://${account}.r2.cloudflarestorage.com`;
}

/** Where a promotion brings it. @throws NotFound */
export function environmentPlace(
  config: ConveyorConfig,
  environment: EnvironmentName,
  key: string,
): ObjectPlace {
  const bucket = releaseBucket(config, environment);
  const { account = '', region = '' } = config.environments[environment] ?? {};
  return { environment, store: 's3', account, region, bucket, key };
}
