import * as z from 'zod';
import type { ConveyorConfig } from './config.ts';
import { Digest } from './digest.ts';
import { HostTag } from './host-target.ts';
import { fillNames } from './ledger-place.ts';
import { EnvironmentName, Region, ServiceName } from './names.ts';
import { ProvisionDeclaration } from './provisioning.ts';

/** "Managing parameter tiers": an advanced parameter holds 8 KB, a standard one 4 KB. */
export const LARGEST_STATE = 8_192;
export const LARGEST_STANDARD_STATE = 4_096;

/**
 * What the hosts of one service in one environment are to have, whole: the parameter that `cdk deploy` writes. There is no
 * secret in it.
 */
export const DesiredState = z.object({
  schema: z.literal(1),
  service: ServiceName,
  environment: EnvironmentName,
  region: Region,
  hosts: HostTag,
  /** Of the bootstrap that was deployed with it, so that another one is a change of this parameter. */
  bootstrap: Digest,
  provision: z.union([z.literal('absent'), ProvisionDeclaration]),
});
export type DesiredState = z.infer<typeof DesiredState>;

/** Where the parameters of an environment's services are, in the tools account. */
export const desiredPath = (environment: string) => `/conveyor/provision/${environment}`;
export const desiredName = (environment: string, service: string) =>
  `${desiredPath(environment)}/${service}`;
/** What a person puts there is a SecureString of `Credential`'s shape (lambdas/provision/credential.ts). */
export const credentialPath = (environment: string) => `/conveyor/credentials/${environment}`;
export const credentialName = (environment: string, service: string) =>
  `${credentialPath(environment)}/${service}`;
/** The key of an environment's fingerprints, which provisioning makes for itself. */
export const fingerprintKeyName = (environment: string) =>
  `/conveyor/provision-keys/${environment}`;
/** Where deployments find what provisioning has made. */
export const targetPath = (environment: string) => `/conveyor/targets/${environment}`;
export const targetName = (environment: string, service: string) =>
  `${targetPath(environment)}/${service}`;

/** What `conveyor.yaml` declares for a service's hosts in an environment; undefined where it declares nothing. Pure. */
export function desiredState(
  config: ConveyorConfig,
  service: ServiceName,
  environment: EnvironmentName,
  bootstrap: Digest,
): DesiredState | undefined {
  const { stages = [], target } = config.services[service] ?? {};
  const { hosts, provision } = target?.systemd ?? {};
  const region = config.environments[environment]?.region;
  if (hosts === undefined || provision === undefined || region === undefined) return undefined;
  if (!stages.includes(environment) || provision === 'elsewhere') return undefined;
  const filled = (record: Readonly<Record<string, string>>) =>
    Object.fromEntries(
      Object.entries(record)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([name, text]) => [name, fillNames(text, { service, environment })]),
    );
  return {
    schema: 1,
    service,
    environment,
    region,
    hosts,
    bootstrap,
    provision:
      provision === 'absent'
        ? provision
        : {
            ...provision,
            variables: filled(provision.variables),
            secrets: filled(provision.secrets),
          },
  };
}
