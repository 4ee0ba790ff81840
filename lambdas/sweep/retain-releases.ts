import { eachLimited } from '../copy/each-limited.ts';
import type { OpenStore } from '../copy/open-store.ts';
import type { ConveyorConfig } from '../domain/config.ts';
import { ArtifactMissing } from '../domain/errors.ts';
import type { ServiceName, Version } from '../domain/names.ts';
import { parseReleaseKey, releaseKey, storePlace } from '../domain/release-store.ts';
import { expendable } from '../domain/retention.ts';
import type { Lines } from '../ports/lines.ts';
import type { Objects } from '../ports/objects.ts';
import type { Promotions } from '../ports/promotions.ts';
import type { Releases } from '../ports/releases.ts';
import { neededVersions } from './needed-versions.ts';

export interface RetainPorts {
  readonly releases: Releases;
  readonly lines: Lines;
  readonly promotions: Promotions;
  readonly openStore: OpenStore;
}

/** Of one service's store. */
export interface Retained {
  readonly service: string;
  /** Objects of releases that are there. */
  readonly there: number;
  /** Of these, what nobody needs: versions, oldest first. */
  readonly expendable: readonly string[];
  /** Versions whose mark this run changed. None in R2, which knows no marks: there people delete what is expendable. */
  readonly marked: readonly string[];
}

/** CloudTrail names what marks in the release store by this. */
const SESSION = 'conveyor-retention';
const AT_ONCE = 8;

/**
 * Marks in the release store what the bucket's own rule may let go, and takes the mark from what is needed again. Nothing here
 * deletes. What is asked for while this runs is seen by the second look at the lines, or unmarked by its own copy.
 */
export async function retainReleases(
  ports: RetainPorts,
  config: ConveyorConfig,
): Promise<readonly Retained[]> {
  const retained: Retained[] = [];
  for (const [name, { artifact }] of Object.entries(config.services))
    if (artifact.tarball !== undefined)
      retained.push(await retainService(ports, config, name as ServiceName));
  return retained;
}

async function retainService(
  ports: RetainPorts,
  config: ConveyorConfig,
  service: ServiceName,
): Promise<Retained> {
  const place = storePlace(config, service, `${service}/`);
  const store = await ports.openStore(place, SESSION);
  const listed = await store.list(place.key);
  const there = new Set(listed.map(({ key }) => parseReleaseKey(key)?.version));
  const known = await ports.releases.list(service, Number.MAX_SAFE_INTEGER);
  const releases = known.filter(({ version }) => there.has(version));
  const stages = config.services[service]?.stages ?? [];
  const judge = async () => {
    const needed = await neededVersions(ports, service, stages);
    return expendable(releases, needed, config.releaseStore.keep).map(({ version }) => version);
  };

  const before = await judge();
  if (place.store === 'r2')
    return { service, there: releases.length, expendable: before, marked: [] };
  const gone = await mark(store, service, before, true);
  const letGo = new Set<string>(await judge());
  const kept = releases.map(({ version }) => version).filter((version) => !letGo.has(version));
  const back = await mark(store, service, kept, false);
  const marked = [...gone.filter((version) => letGo.has(version)), ...back];
  return { service, there: releases.length, expendable: [...letGo], marked };
}

/** Returns the versions that were marked otherwise before. */
async function mark(
  store: Objects,
  service: ServiceName,
  versions: readonly Version[],
  isExpendable: boolean,
): Promise<readonly Version[]> {
  const changed: Version[] = [];
  await eachLimited(versions, AT_ONCE, async (version) => {
    try {
      if (await store.mark(releaseKey(service, version), isExpendable)) changed.push(version);
    } catch (error) {
      // The bucket's rule was quicker.
      if (!(error instanceof ArtifactMissing)) throw error;
    }
  });
  return changed;
}
