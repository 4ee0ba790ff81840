import { EC2Client } from '@aws-sdk/client-ec2';
import { SSMClient } from '@aws-sdk/client-ssm';
import { Ec2Hosts } from '../adapters/ec2-hosts.ts';
import { SsmHostCommands } from '../adapters/ssm-host-commands.ts';
import type { ConveyorConfig } from '../domain/config.ts';
import { NotFound } from '../domain/errors.ts';
import { hostsOf } from '../domain/hosts-of.ts';
import { documentName } from '../domain/rollout.ts';
import type { HostCommands } from '../ports/host-commands.ts';
import type { Hosts } from '../ports/hosts.ts';
import type { PromotionRef } from '../ports/releases.ts';
import { deployCredentials } from './environments.ts';

/** An environment's hosts, through its deploy role; the session is named after the promotion. */
export async function openHosts(
  config: ConveyorConfig,
  { service, environment, promotion }: PromotionRef,
): Promise<{ readonly hosts: Hosts; readonly commands: HostCommands }> {
  const here = config.environments[environment];
  if (here === undefined)
    throw new NotFound(`There is no environment ${environment}`, { data: { environment } });
  const { account, region } = here;
  const credentials = await deployCredentials({ environment, account, region }, promotion);
  const ssm = new SSMClient({ region, credentials });
  return {
    hosts: new Ec2Hosts(new EC2Client({ region, credentials }), ssm),
    commands: new SsmHostCommands(ssm, documentName(hostsOf(config, service).kind)),
  };
}
