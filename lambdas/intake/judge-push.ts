import type { ConveyorConfig, EnvironmentConfig, ServiceConfig } from '../domain/config.ts';
import { EnvironmentName, RepositoryName, ServiceName, Version } from '../domain/names.ts';
import type { Refusal, Release } from '../domain/promotion.ts';
import type { Push } from './read-push.ts';

export type Judgement =
  | {
      readonly release: Release;
      /** The service's first stage. */
      readonly stage: EnvironmentName;
    }
  | { readonly refusal: Refusal }
  /** Conveyor's own copy into a later stage: nothing to say about it. */
  | {
      readonly ownCopyOf: { readonly service: ServiceName; readonly version: Version };
      readonly refusal: Refusal;
    };

/** Whether a push is a release, by the configuration alone. Pure. */
export function judgePush(config: ConveyorConfig, push: Push, now: Date): Judgement {
  const refuse = (code: Refusal['code'], reason: string): { refusal: Refusal } => ({
    refusal: {
      schema: 1,
      at: now.toISOString(),
      account: push.account,
      repository: push.repository,
      ...(push.tag !== undefined && { tag: push.tag }),
      digest: push.digest,
      code,
      reason,
    },
  });

  const places = environmentsAt(config, push);
  if (places.length === 0)
    return refuse(
      'account',
      `account ${push.account} in ${push.region} is no environment of conveyor.yaml`,
    );
  const service = serviceOf(config, push.repository);
  if (service === undefined)
    return refuse('repository', `no service has the image ${push.repository}`);
  if (push.tag === undefined) return refuse('untagged', 'pushed by digest, without a tag');
  if (push.tag === 'latest')
    return refuse(
      'latest',
      'latest names other bytes every time; a release is tagged by its BuildId',
    );
  if (
    !new RegExp(service.config.artifact.tags).test(push.tag) ||
    !Version.safeParse(push.tag).success
  )
    return refuse(
      'tag-pattern',
      `tag ${push.tag.slice(0, 128)} does not match ${service.config.artifact.tags}`,
    );

  const version = Version.parse(push.tag);
  const environment = places.find(({ name }) => name === service.config.stages[0]);
  if (environment === undefined)
    return {
      ownCopyOf: { service: service.name, version },
      ...refuse(
        'not-a-source',
        `releases of ${service.name} come from ${service.config.stages[0]}, not from ${places.map(({ name }) => name).join(', ')}`,
      ),
    };
  return {
    stage: environment.name,
    release: {
      schema: 1,
      service: service.name,
      version,
      digest: push.digest,
      source: {
        environment: environment.name,
        account: environment.config.account,
        region: environment.config.region,
        repository: RepositoryName.parse(push.repository),
      },
      pushedAt: push.at,
      seenAt: now.toISOString(),
      announcedBy: push.announcedBy,
    },
  };
}

/** More than one where environments share an account. */
function environmentsAt(
  config: ConveyorConfig,
  push: Push,
): { name: EnvironmentName; config: EnvironmentConfig }[] {
  return Object.entries(config.environments)
    .filter(([, { account, region }]) => account === push.account && region === push.region)
    .map(([name, environment]) => ({ name: EnvironmentName.parse(name), config: environment }));
}

function serviceOf(
  config: ConveyorConfig,
  repository: string,
): { name: ServiceName; config: ServiceConfig } | undefined {
  const found = Object.entries(config.services).find(([, s]) => s.artifact.image === repository);
  return found && { name: ServiceName.parse(found[0]), config: found[1] };
}
