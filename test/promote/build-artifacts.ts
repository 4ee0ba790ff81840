import { digestOf } from '../../lambdas/domain/digest.ts';
import { type ServiceName, Version } from '../../lambdas/domain/names.ts';
import { releaseKey, storePlace } from '../../lambdas/domain/release-store.ts';
import type { Push } from '../../lambdas/intake/read-push.ts';
import type { Upload } from '../../lambdas/intake/read-upload.ts';
import { pushGraph } from '../copy/image-graph.ts';
import type { MemoryRegistry } from '../fakes/memory-registry.ts';
import { accounts, repository } from './shop.ts';
import { smallTarball } from './small-tarball.ts';
import type { World } from './world.ts';

/** CI builds an image and pushes it into dev; returns the push as an event would tell of it. */
export async function buildImage(
  { clock, registries, sources }: Pick<World, 'clock' | 'registries' | 'sources'>,
  service: ServiceName,
  version: string,
  text: string,
): Promise<Push> {
  const graph = { config: '{}', layers: [`${service} ${text}`] };
  const registry = registries.dev as MemoryRegistry;
  const { digest } = await pushGraph(registry, repository(service), graph, Version.parse(version));
  const at = clock.now().toISOString();
  const place = { account: accounts.dev as never, repository: repository(service) };
  sources.put(place, { tag: version, digest, pushedAt: at });
  const { account } = place;
  const region = 'us-east-1';
  return {
    account,
    region,
    repository: place.repository,
    digest,
    tag: version,
    at,
    announcedBy: 'event',
  };
}

/** CI pushes a tarball to the release store; returns the upload as an event would tell of it. */
export function storeTarball(
  { clock, config, buckets }: Pick<World, 'clock' | 'config' | 'buckets'>,
  service: ServiceName,
  sha: string,
  content: string | Buffer,
): Upload {
  const bytes = typeof content === 'string' ? smallTarball(content) : content;
  const { store, bucket, key, account } = storePlace(
    config,
    service,
    releaseKey(service, Version.parse(sha)),
  );
  buckets[bucket]?.put(key, bytes, digestOf(bytes), { commit: sha });
  const at = clock.now().toISOString();
  return { store, account, bucket, key, at, announcedBy: 'event' };
}
