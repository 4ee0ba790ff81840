import type { ConveyorConfig } from '../domain/config.ts';
import { InvalidInput, NotFound } from '../domain/errors.ts';
import { type EnvironmentName, PromotionId, type ServiceName } from '../domain/names.ts';
import { type ImagePlace, isImage, type Place } from '../domain/place.ts';
import type { Actor, Promotion, Release } from '../domain/promotion.ts';
import { environmentPlace } from '../domain/release-store.ts';
import type { Clock } from '../ports/clock.ts';

export interface NewPromotion {
  readonly release: Release;
  readonly environment: EnvironmentName;
  readonly kind?: Promotion['kind'];
  readonly requestedBy: Actor;
  readonly reason?: string;
  readonly approvalWanted?: boolean;
  readonly only?: Promotion['only'];
}

/** A promotion that has not begun. @throws NotFound where the service does not know the environment. */
export function newPromotion(
  config: ConveyorConfig,
  clock: Clock,
  request: NewPromotion,
): Promotion {
  const { release, environment } = request;
  const now = clock.now().toISOString();
  const stage = stageOf(config, release.service, environment);
  return {
    schema: 1,
    id: PromotionId.parse(`p_${clock.ulid()}`),
    kind: request.kind ?? 'promotion',
    service: release.service,
    environment,
    version: release.version,
    digest: release.digest,
    pushedAt: release.pushedAt,
    source: isImage(release.source)
      ? imagePlace(config, release.service, stage.before ?? environment)
      : release.source,
    destination: isImage(release.source)
      ? imagePlace(config, release.service, environment)
      : environmentPlace(config, environment, release.source.key),
    requestedBy: request.requestedBy,
    ...(request.reason !== undefined && { reason: request.reason }),
    ...(request.only !== undefined && { only: request.only }),
    approvalWanted: request.approvalWanted ?? false,
    createdAt: now,
    state: 'queued',
    stateSince: now,
    steps: {},
  };
}

/** The stages beside an environment, in the service's own order. */
export function stageOf(
  config: ConveyorConfig,
  service: ServiceName,
  environment: EnvironmentName,
): { readonly before?: EnvironmentName; readonly after?: EnvironmentName } {
  const stages = config.services[service]?.stages;
  if (stages === undefined)
    throw new NotFound(`There is no service ${service}`, {
      fix: `Declared: ${Object.keys(config.services).join(', ')}.`,
      data: { service },
    });
  const at = stages.indexOf(environment);
  if (at < 0)
    throw new NotFound(`${environment} is no stage of ${service}`, {
      fix: `Its stages: ${stages.join(', ')}.`,
      data: { service, environment },
    });
  const [before, after] = [stages[at - 1], stages[at + 1]];
  return { ...(before && { before }), ...(after && { after }) };
}

/** Where an environment keeps a service's artifacts. */
export function placeOf(
  config: ConveyorConfig,
  service: ServiceName,
  environment: EnvironmentName,
): Place {
  return config.services[service]?.artifact.tarball === undefined
    ? imagePlace(config, service, environment)
    : environmentPlace(config, environment, `${service}/`);
}

function imagePlace(
  config: ConveyorConfig,
  service: ServiceName,
  environment: EnvironmentName,
): ImagePlace {
  const { account, region } = environmentConfig(config, environment);
  const repository = config.services[service]?.artifact.image;
  if (repository === undefined)
    throw new NotFound(`There is no service ${service} with an image`, { data: { service } });
  return { environment, account, region, repository };
}

export function environmentConfig(config: ConveyorConfig, environment: EnvironmentName) {
  const found = config.environments[environment];
  if (found === undefined)
    throw new InvalidInput(`There is no environment ${environment}`, {
      fix: `Declared: ${Object.keys(config.environments).join(', ')}.`,
    });
  return found;
}
