import { EC2Client } from '@aws-sdk/client-ec2';
import { Ec2Hosts } from '../adapters/ec2-hosts.ts';
import type { ConveyorConfig } from '../domain/config.ts';
import type { HostCommands } from '../ports/host-commands.ts';
import type { Hosts } from '../ports/hosts.ts';
import type { Where } from '../ports/sightings.ts';
import { openCommands } from './host-commands.ts';

/**
 * An environment's hosts, through its deploy role.
 * @param session names it in CloudTrail: the promotion's id, where it is for one
 */
export async function openHosts(
  config: ConveyorConfig,
  where: Where,
  session: string,
): Promise<{ readonly hosts: Hosts; readonly commands: HostCommands }> {
  const { commands, ssm, region, credentials } = await openCommands(config, where, session);
  return { hosts: new Ec2Hosts(new EC2Client({ region, credentials }), ssm), commands };
}
