import type { ConveyorConfig } from '../../lambdas/domain/config.ts';
import type { EnvironmentName } from '../../lambdas/domain/names.ts';
import { releaseBucket, storeBucket } from '../../lambdas/domain/release-store.ts';
import { MemoryObjects } from '../fakes/memory-objects.ts';

/** The release store and every environment's bucket, by their names. */
export function bucketsOf(
  config: ConveyorConfig,
  now: () => Date,
): Readonly<Record<string, MemoryObjects>> {
  const environments = Object.keys(config.environments) as EnvironmentName[];
  const names = [storeBucket(config), ...environments.map((name) => releaseBucket(config, name))];
  const server: Record<string, MemoryObjects> = {};
  for (const name of names) server[name] = new MemoryObjects(now, server);
  const { r2 } = config.releaseStore;
  // Cloudflare copies nothing for AWS.
  return { ...server, ...(r2 !== undefined && { [r2.bucket]: new MemoryObjects(now) }) };
}
