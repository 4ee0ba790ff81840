import type { z } from 'zod';
import type { ConveyorConfig } from '../domain/config.ts';
import { NotFound } from '../domain/errors.ts';
import { isCurrent } from '../domain/host-sighting.ts';
import type { EnvironmentName, ServiceName } from '../domain/names.ts';
import { parseReleaseKey } from '../domain/release-store.ts';
import type { Lines } from '../ports/lines.ts';
import type { Promotions } from '../ports/promotions.ts';
import type { Releases } from '../ports/releases.ts';
import type { Sightings } from '../ports/sightings.ts';
import type { WhyReply } from './contract.ts';

const LOOKED_AT = 500;
const HOSTS_NAMED = 20;

/** Everything known of an artifact (a service, a version or a digest, also shortened) in one environment. */
export async function tellWhy(
  ports: { releases: Releases; promotions: Promotions; lines: Lines; sightings: Sightings },
  config: ConveyorConfig,
  artifact: string,
  environment: EnvironmentName,
): Promise<z.input<typeof WhyReply>> {
  if (!Object.hasOwn(config.environments, environment))
    throw new NotFound(`There is no environment ${environment}`, {
      fix: `Declared: ${Object.keys(config.environments).join(', ')}.`,
    });
  const services = (Object.keys(config.services) as ServiceName[]).filter((name) =>
    config.services[name]?.stages.includes(environment),
  );
  const isMeant = ({
    service,
    version,
    digest,
  }: {
    service: string;
    version: string;
    digest: string;
  }) =>
    artifact === service ||
    artifact === version ||
    digest === artifact ||
    digest.startsWith(`sha256:${artifact.replace(/^sha256:/, '')}`);
  const found = await Promise.all(
    services.map(async (service) => ({
      releases: (await ports.releases.list(service, LOOKED_AT)).filter(isMeant),
      promotions: (await ports.promotions.history(service, environment, LOOKED_AT)).filter(isMeant),
    })),
  );
  const releases = found.flatMap((of) => of.releases);
  const promotions = found.flatMap((of) => of.promotions);
  const refusals = (await ports.releases.refusals(LOOKED_AT)).filter(
    (refusal) =>
      refusal.tag === artifact ||
      parseReleaseKey(refusal.tag ?? '')?.version === artifact ||
      (artifact.length >= 12 && refusal.digest?.includes(artifact) === true),
  );
  return {
    environment,
    releases,
    promotions,
    refusals,
    available: releases.length > 0 && promotions.length === 0,
    hosts: (await Promise.all(services.map(hostsApart))).flat().slice(0, HOSTS_NAMED),
  };

  /** Hosts that run what is asked about and should not, or that should run it and do not. */
  async function hostsApart(service: ServiceName) {
    const { landed } = await ports.lines.read(service, environment);
    if (landed === undefined) return [];
    const { hosts } = await ports.sightings.read({ service, environment });
    return hosts
      .filter((host) => host.state !== 'off' && !isCurrent(host, landed))
      .filter(({ version = '', digest = '' }) => {
        return isMeant({ service, version, digest }) || isMeant({ ...landed, service });
      })
      .map((host) => ({ ...host, service }));
  }
}
