import { OutOfTime, whileTimeLasts } from '../copy/out-of-time.ts';
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
 * announced: the worker, its queue or the ingress may have been away for longer than they keep trying. One that cannot be
 * read in a third of the time that is left is `late`, so that it keeps nobody waiting; its own event has more.
 */
export async function sweepStore(
  ports: UploadPorts,
  config: ConveyorConfig,
  environment: EnvironmentName,
  remainingMilliseconds: () => number = () => Number.POSITIVE_INFINITY,
): Promise<Swept & { readonly late: readonly string[] }> {
  let listed = 0;
  const raised: string[] = [];
  const late: string[] = [];
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
      try {
        const { outcome } = await takeInUpload(
          hurried(ports, remainingMilliseconds),
          config,
          upload,
        );
        if (outcome === 'new') raised.push(key);
      } catch (error) {
        if (!(error instanceof OutOfTime)) throw error;
        late.push(key);
      }
    }
  }
  return { listed, raised, late };
}

function hurried(ports: UploadPorts, remainingMilliseconds: () => number): UploadPorts {
  const kept = (remainingMilliseconds() * 2) / 3;
  const left = () => remainingMilliseconds() - kept;
  return {
    ...ports,
    inspect: (content, limits) => ports.inspect(whileTimeLasts(content, left), limits),
  };
}
