import type { ConveyorConfig } from '../domain/config.ts';
import type { EnvironmentName, ServiceName } from '../domain/names.ts';
import { parseReleaseKey, storePlace } from '../domain/release-store.ts';
import { takeInUpload, type UploadPorts } from '../intake/take-in-upload.ts';
import { type Swept, watchedSince } from './sweep-source.ts';

/** Refusals that are looked through: an upload that was refused is not read again, every time, for ninety days. */
const REFUSALS = 1_000;
/** CloudTrail names what lists the release store by this. */
const SESSION = 'conveyor-sweep';

/**
 * Lists the release store for the services whose first stage this environment is, and raises the uploads that no event
 * announced: the worker, its queue or the ingress may have been away for longer than they keep trying.
 */
export async function sweepStore(
  ports: UploadPorts,
  config: ConveyorConfig,
  environment: EnvironmentName,
): Promise<Swept> {
  let listed = 0;
  const raised: string[] = [];
  for (const [name, { artifact, stages }] of Object.entries(config.services)) {
    if (stages[0] !== environment || artifact.tarball === undefined) continue;
    const service = name as ServiceName;
    const place = storePlace(config, service, `${service}/`);
    const objects = await (await ports.openStore(place, SESSION)).list(place.key);
    const releases = await ports.releases.list(service, Number.MAX_SAFE_INTEGER);
    const known = new Set<string>(releases.map(({ version }) => version));
    const since = await watchedSince(ports, service, releases);
    const refused = new Map(
      (await ports.releases.refusals(REFUSALS)).map(({ tag, at }) => [tag, at]),
    );
    const missed = objects
      .filter(({ key, at }) => {
        const version = parseReleaseKey(key)?.version;
        if (version === undefined || known.has(version) || at < since) return false;
        return (refused.get(key) ?? '') < at;
      })
      .sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : a.key < b.key ? -1 : 1));
    listed += objects.length;
    for (const { key, at } of missed) {
      const { store, account, bucket } = place;
      const upload = { store, account, bucket, key, at, announcedBy: 'sweep' as const };
      const { outcome } = await takeInUpload(ports, config, upload);
      if (outcome === 'new') raised.push(key);
    }
  }
  return { listed, raised };
}
