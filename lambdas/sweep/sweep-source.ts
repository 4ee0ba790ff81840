import type { ConveyorConfig } from '../domain/config.ts';
import type { EnvironmentName, ServiceName } from '../domain/names.ts';
import type { Release } from '../domain/promotion.ts';
import { compareReleases } from '../domain/release-order.ts';
import type { Push } from '../intake/read-push.ts';
import { takeIn } from '../intake/take-in.ts';
import type { Releases } from '../ports/releases.ts';
import type { Sources } from '../ports/sources.ts';
import type { StartPorts } from '../promote/start-promotion.ts';

export interface Swept {
  readonly listed: number;
  readonly raised: readonly string[];
}

/**
 * Lists the images of an environment that releases come from and raises those that no event announced: ECR's events
 * are best effort (Amazon EventBridge events reference, "ECR"). In build order, so that what was missed goes in order; a
 * tag that was moved in silence is raised too, and refused. A repository's past, from before it was watched, is let be: a
 * first sweep would otherwise promote years of builds.
 */
export async function sweepSource(
  ports: StartPorts & { readonly releases: Releases; readonly sources: Sources },
  config: ConveyorConfig,
  environment: EnvironmentName,
): Promise<Swept> {
  const place = config.environments[environment];
  if (place === undefined) return { listed: 0, raised: [] };
  let listed = 0;
  const raised: string[] = [];
  for (const [service, { artifact, stages }] of Object.entries(config.services)) {
    if (stages[0] !== environment || artifact.image === undefined) continue;
    const images = await ports.sources.images({
      environment,
      account: place.account,
      region: place.region,
      repository: artifact.image,
    });
    const releases = await ports.releases.list(service as ServiceName, Number.MAX_SAFE_INTEGER);
    const known = new Map(releases.map(({ version, digest }) => [version as string, digest]));
    const since = await watchedSince(ports, service as ServiceName, releases);
    const pattern = new RegExp(artifact.tags);
    const missed = images
      .filter(({ tag, digest }) => tag !== 'latest' && known.get(tag) !== digest)
      .filter(({ tag, pushedAt }) => known.has(tag) || pushedAt >= since)
      .filter(({ tag }) => pattern.test(tag))
      .sort((a, b) => compareReleases({ ...a, version: a.tag }, { ...b, version: b.tag }));
    listed += images.length;
    for (const image of missed) {
      const push: Push = {
        account: place.account,
        region: place.region,
        repository: artifact.image,
        digest: image.digest,
        tag: image.tag,
        at: image.pushedAt,
        announcedBy: 'sweep',
      };
      const { outcome } = await takeIn(ports, config, push);
      if (outcome === 'new') raised.push(`${service} ${image.tag}`);
    }
  }
  return { listed, raised };
}

/** From the first sweep on, or from the first release that an event told of, if that was sooner. */
export function watchedSince(
  { releases, clock }: { readonly releases: Releases; readonly clock: StartPorts['clock'] },
  service: ServiceName,
  known: readonly Release[],
): Promise<string> {
  const first = known.map((release) => release.pushedAt).sort()[0];
  return releases.watchedSince(service, first ?? clock.now().toISOString());
}
