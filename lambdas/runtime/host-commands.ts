import { SSMClient } from '@aws-sdk/client-ssm';
import { SsmHostCommands } from '../adapters/ssm-host-commands.ts';
import type { ConveyorConfig } from '../domain/config.ts';
import { NotFound } from '../domain/errors.ts';
import { hostsOf } from '../domain/hosts-of.ts';
import { outputBucket } from '../domain/release-store.ts';
import { documentName } from '../domain/rollout.ts';
import type { HostCommands } from '../ports/host-commands.ts';
import type { Where } from '../ports/sightings.ts';
import { deployCredentials } from './environments.ts';

/**
 * An environment's Run Command, through its deploy role, and the client it goes by.
 * @param session names it in CloudTrail: the promotion's id, where it is for one
 */
export async function openCommands(
  config: ConveyorConfig,
  { service, environment }: Where,
  session: string,
): Promise<{
  readonly commands: HostCommands;
  readonly ssm: SSMClient;
  readonly region: string;
  readonly credentials: Awaited<ReturnType<typeof deployCredentials>>;
}> {
  const here = config.environments[environment];
  if (here === undefined)
    throw new NotFound(`There is no environment ${environment}`, { data: { environment } });
  const { account, region } = here;
  const credentials = await deployCredentials({ environment, account, region }, session);
  const ssm = new SSMClient({ region, credentials });
  const document = documentName(hostsOf(config, service).kind);
  const output = { bucket: outputBucket(config, environment), prefix: service };
  return { commands: new SsmHostCommands(ssm, document, output), ssm, region, credentials };
}
