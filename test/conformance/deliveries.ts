import { parse } from 'yaml';
import { digestOf } from '../../lambdas/domain/digest.ts';
import { type EnvironmentName, type ServiceName, Version } from '../../lambdas/domain/names.ts';
import { releaseBucket, releaseKey, storePlace } from '../../lambdas/domain/release-store.ts';
import type { TakenIn } from '../../lambdas/intake/take-in.ts';
import { payments, relay, repository } from '../promote/shop.ts';
import { World, type WorldOptions } from '../promote/world.ts';

/** One way from CI to an environment: what is carried, where it comes from, how it lands. */
export interface Delivery {
  readonly kind: 'image' | 'tarball';
  readonly source: 'ecr' | 's3' | 'r2';
  readonly target: 'argocd' | 'store';
  readonly service: ServiceName;
  /** Its releases' versions, as such an artifact has them; the first is the oldest. */
  readonly versions: readonly [Version, Version, Version];
  open(options?: WorldOptions): World;
  /** CI makes the artifact; what comes back announces it, as often as it is called. */
  build(world: World, version: Version): Promise<() => Promise<TakenIn>>;
  /** The SHA-256 of what the environment itself has of a release; undefined where it has nothing. */
  holds(world: World, environment: EnvironmentName, version: Version): Promise<string | undefined>;
  /** What CI made is gone from where CI put it. */
  lose(world: World, version: Version): Promise<void>;
  /** What the Ledger says should run there. */
  ledger(world: World, environment: EnvironmentName): string;
}

const BUILDS = ['41', '42', '43'].map((build) => Version.parse(build)) as [
  Version,
  Version,
  Version,
];
const SHAS = ['b2', 'c3', 'a1'].map((byte) => Version.parse(byte.repeat(20))) as [
  Version,
  Version,
  Version,
];

const ledgerOf = (world: World, path: string) => parse(world.ledger.text(path) ?? '');
const manifest = (world: World, environment: EnvironmentName, service: ServiceName): string =>
  ledgerOf(world, `manifest.${environment}.yaml`)[service].version;

/** An image is what its tag names, in the registry of each account. */
function image(target: Delivery['target']): Delivery {
  const registryOf = ({ registries }: World, environment: string) => {
    const registry = registries[environment];
    if (registry === undefined) throw new Error(`no registry in ${environment}`);
    return registry;
  };
  return {
    kind: 'image',
    source: 'ecr',
    target,
    service: payments,
    versions: BUILDS,
    open: (options = {}) =>
      new World({ ...options, ...(target === 'store' && { target: { store: {} } }) }),
    build: async (world, version) => {
      const push = await world.build(payments, version);
      return () => world.announce(push);
    },
    holds: async (world, environment, version) =>
      (await registryOf(world, environment).head(repository(payments), version))?.digest,
    lose: async (world, version) => {
      const registry = registryOf(world, 'dev');
      const held = await registry.head(repository(payments), version);
      if (held !== undefined) registry.lose(repository(payments), held.digest);
    },
    ledger: (world, environment) =>
      target === 'store'
        ? manifest(world, environment, payments)
        : ledgerOf(world, `envs/${environment}/payments.yaml`).image.tag,
  };
}

/** A tarball is what its key names, in the release store and in the bucket of each environment. */
function tarball(source: 's3' | 'r2'): Delivery {
  return {
    kind: 'tarball',
    source,
    target: 'store',
    service: relay,
    versions: SHAS,
    open: (options = {}) => new World({ ...options, services: [relay], tarballs: source }),
    build: async (world, version) => {
      const upload = world.store(relay, version);
      return () => world.announceUpload(upload);
    },
    holds: async (world, environment, version) => {
      const bucket = world.buckets[releaseBucket(world.config, environment)];
      const bytes = bucket?.bytesOf(releaseKey(relay, version));
      return bytes && digestOf(bytes);
    },
    lose: async (world, version) => {
      const { bucket, key } = storePlace(world.config, relay, releaseKey(relay, version));
      world.buckets[bucket]?.remove(key);
    },
    ledger: (world, environment) => manifest(world, environment, relay),
  };
}

/** All that the product has. */
export const DELIVERIES: readonly Delivery[] = [
  image('argocd'),
  image('store'),
  tarball('s3'),
  tarball('r2'),
];
