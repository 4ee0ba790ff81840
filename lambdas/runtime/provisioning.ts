import { EC2Client } from '@aws-sdk/client-ec2';
import { SSMClient } from '@aws-sdk/client-ssm';
import { Ec2Hosts } from '../adapters/ec2-hosts.ts';
import { SsmHostCommands } from '../adapters/ssm-host-commands.ts';
import type { ConveyorConfig } from '../domain/config.ts';
import type { EnvironmentName } from '../domain/names.ts';
import type { RunId } from '../domain/provision-run.ts';
import { outputBucket } from '../domain/release-store.ts';
import { documentName } from '../domain/rollout.ts';
import type { HostCommands } from '../ports/host-commands.ts';
import type { Hosts } from '../ports/hosts.ts';
import { deployCredentials } from './environments.ts';

/** "AssumeRole", `RoleSessionName`. */
const LONGEST_SESSION = 64;

/** An environment's hosts and the document that provisions them; the session is named after the run. */
export async function openProvisionHosts(
  config: ConveyorConfig,
  environment: EnvironmentName,
  run: RunId,
): Promise<{ readonly hosts: Hosts; readonly commands: HostCommands } | undefined> {
  const here = config.environments[environment];
  if (here === undefined) return undefined;
  const { account, region } = here;
  const session = run.slice(0, LONGEST_SESSION);
  const credentials = await deployCredentials({ environment, account, region }, session);
  const ssm = new SSMClient({ region, credentials });
  return {
    hosts: new Ec2Hosts(new EC2Client({ region, credentials }), ssm),
    commands: new SsmHostCommands(ssm, documentName('provision'), {
      bucket: outputBucket(config, environment),
      prefix: 'provision',
    }),
  };
}
