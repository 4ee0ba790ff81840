import { DescribeInstancesCommand, type EC2Client, type Instance } from '@aws-sdk/client-ec2';
import { DescribeInstanceInformationCommand, type SSMClient } from '@aws-sdk/client-ssm';
import { InstanceId } from '../domain/rollout.ts';
import type { Host, Hosts } from '../ports/hosts.ts';
import { explainHosts } from './hosts-failure.ts';

/** Everything but what is gone for good, or on its way there ("DescribeInstances", `instance-state-name`). */
const STATES = ['pending', 'running', 'stopping', 'stopped'];

interface Heard {
  readonly online: boolean;
  readonly lastSeen?: string;
}

/** EC2 says which hosts there are, SSM which of them can be reached: a host that is off is told of, not forgotten. */
export class Ec2Hosts implements Hosts {
  constructor(
    private readonly ec2: EC2Client,
    private readonly ssm: SSMClient,
  ) {}

  async tagged(tag: string): Promise<readonly Host[]> {
    const at = tag.indexOf('=');
    const [key, value] = [tag.slice(0, at), tag.slice(at + 1)];
    try {
      const [instances, agents] = await Promise.all([this.#instances(key, value), this.#agents()]);
      return instances
        .flatMap((instance) => hostOf(instance, agents))
        .sort((a, b) => (a.instance < b.instance ? -1 : 1));
    } catch (error) {
      throw explainHosts(error, tag);
    }
  }

  async #instances(key: string, value: string): Promise<Instance[]> {
    const found: Instance[] = [];
    let next: string | undefined;
    do {
      const page = await this.ec2.send(
        new DescribeInstancesCommand({
          Filters: [
            { Name: `tag:${key}`, Values: [value] },
            { Name: 'instance-state-name', Values: STATES },
          ],
          MaxResults: 1_000,
          NextToken: next,
        }),
      );
      found.push(...(page.Reservations ?? []).flatMap(({ Instances = [] }) => Instances));
      next = page.NextToken;
    } while (next !== undefined);
    return found;
  }

  async #agents(): Promise<ReadonlyMap<string, Heard>> {
    const heard = new Map<string, Heard>();
    let next: string | undefined;
    do {
      const page = await this.ssm.send(
        new DescribeInstanceInformationCommand({ MaxResults: 50, NextToken: next }),
      );
      for (const { InstanceId: id, PingStatus, LastPingDateTime } of page.InstanceInformationList ??
        [])
        if (id !== undefined)
          heard.set(id, {
            online: PingStatus === 'Online',
            ...(LastPingDateTime && { lastSeen: LastPingDateTime.toISOString() }),
          });
      next = page.NextToken;
    } while (next !== undefined);
    return heard;
  }
}

function hostOf(instance: Instance, agents: ReadonlyMap<string, Heard>): Host[] {
  const id = InstanceId.safeParse(instance.InstanceId);
  if (!id.success) return [];
  const name = instance.Tags?.find(({ Key }) => Key === 'Name')?.Value;
  const { online = false, lastSeen } = agents.get(id.data) ?? {};
  return [
    {
      instance: id.data,
      zone: instance.Placement?.AvailabilityZone ?? 'unknown',
      online: online && instance.State?.Name === 'running',
      ...(name !== undefined && { name }),
      ...(lastSeen !== undefined && { lastSeen }),
    },
  ];
}
