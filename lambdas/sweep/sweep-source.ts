import type { ConveyorConfig } from '../domain/config.ts';
import type { EnvironmentName } from '../domain/names.ts';
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
 * are best effort (Amazon EventBridge events reference, "ECR"). Oldest first, so that what was missed goes in order.
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
    if (stages[0] !== environment) continue;
    const images = await ports.sources.images({
      environment,
      account: place.account,
      region: place.region,
      repository: artifact.image,
    });
    const known = new Set(
      (await ports.releases.list(service as never, Number.MAX_SAFE_INTEGER)).map(
        (release) => release.version as string,
      ),
    );
    const pattern = new RegExp(artifact.tags);
    const missed = images.filter(
      (image) => image.tag !== 'latest' && pattern.test(image.tag) && !known.has(image.tag),
    );
    listed += images.length;
    for (const image of missed.sort((a, b) => a.pushedAt.localeCompare(b.pushedAt))) {
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
