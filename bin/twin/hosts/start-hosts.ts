import type { Server } from 'node:http';
import {
  EC2Client,
  RegisterImageCommand,
  RunInstancesCommand,
  StartInstancesCommand,
  StopInstancesCommand,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2';
import {
  AttachRolePolicyCommand,
  CreateRoleCommand,
  EntityAlreadyExistsException,
  IAMClient,
} from '@aws-sdk/client-iam';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { hostPolicyName } from '../../../infra/host-access.ts';
import { ACCOUNTS, type AccountName, type Ports, REGION } from '../layout.ts';
import { startPassingOn } from '../pass-on.ts';
import { docker, HOST_IMAGE } from './docker.ts';
import type { HostNetwork } from './host-network.ts';
import { type Instance, instanceMetadata } from './instance-metadata.ts';

export type HostAccount = Exclude<AccountName, 'tools'>;

/** A machine of an environment's account: a container with systemd and a Docker of its own. */
export interface Host {
  readonly instance: string;
  readonly container: string;
  /** Runs a command on it, as its operator would at its console. @throws Error where it fails */
  shell(script: string): Promise<string>;
  off(): Promise<void>;
  on(): Promise<void>;
  terminate(): Promise<void>;
}

export interface HostsToLaunch {
  readonly account: HostAccount;
  readonly count?: number;
  readonly zone?: string;
  readonly tags: Readonly<Record<string, string>>;
}

export interface Hosts {
  launch(hosts: HostsToLaunch): Promise<readonly Host[]>;
  close(): Promise<void>;
}

/** The instances' role, with the policy that the environment's stack made for hosts. */
const ROLE = 'forge-host';

/** EC2 as the twin has it: what hosts see of AWS, and the launching of them. */
export async function startHosts(
  endpoint: URL,
  ports: Ports,
  network: HostNetwork,
): Promise<Hosts> {
  await Promise.all((['dev', 'qa', 'prod-wealth'] as const).map((a) => makeRole(endpoint, a)));
  const front = await startFront(endpoint, ports, network);
  const images = new Map<HostAccount, Promise<string>>();
  return {
    launch: async ({ account, count = 1, zone = `${REGION}a`, tags }) => {
      const ec2 = new EC2Client(clientOf(endpoint, account));
      const image = images.get(account) ?? registerImage(ec2);
      images.set(account, image);
      const { Instances = [] } = await ec2.send(
        new RunInstancesCommand({
          ImageId: await image,
          MinCount: count,
          MaxCount: count,
          Placement: { AvailabilityZone: zone },
          TagSpecifications: [
            {
              ResourceType: 'instance',
              Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
            },
          ],
        }),
      );
      const hosts = Instances.map(({ InstanceId = '' }) => hostOf(ec2, account, InstanceId));
      await Promise.all(hosts.map((host) => host.shell(UP)));
      return hosts;
    },
    close: async () => {
      front.closeAllConnections();
      await new Promise<void>((resolve) => front.close(() => resolve()));
    },
  };
}

/** Started up, with whatever it starts by itself; "degraded" is a container's normal state. A minute, then it is not. */
const UP = `n=0
until systemctl is-system-running 2>&1 | grep -qE 'running|degraded'; do
  n=$((n + 1)); [ $n -lt 300 ] || { systemctl is-system-running; exit 1; }; sleep 0.2
done`;

function hostOf(ec2: EC2Client, account: HostAccount, instance: string): Host {
  const container = `ministack-ec2-${ACCOUNTS[account]}-${REGION}-${instance}`;
  const InstanceIds = [instance];
  const shell = (script: string) => docker('exec', container, 'sh', '-ec', script);
  return {
    instance,
    container,
    shell,
    off: async () => void (await ec2.send(new StopInstancesCommand({ InstanceIds }))),
    on: async () => {
      await ec2.send(new StartInstancesCommand({ InstanceIds }));
      await shell(UP);
    },
    terminate: async () => void (await ec2.send(new TerminateInstancesCommand({ InstanceIds }))),
  };
}

async function makeRole(endpoint: URL, account: HostAccount): Promise<void> {
  const iam = new IAMClient(clientOf(endpoint, account));
  const Principal = { AWS: ACCOUNTS[account], Service: 'ec2.amazonaws.com' };
  const Statement = [{ Effect: 'Allow', Principal, Action: 'sts:AssumeRole' }];
  try {
    await iam.send(
      new CreateRoleCommand({
        RoleName: ROLE,
        AssumeRolePolicyDocument: JSON.stringify({ Version: '2012-10-17', Statement }),
      }),
    );
  } catch (error) {
    // State is kept from one start to the next.
    if (!(error instanceof EntityAlreadyExistsException)) throw error;
  }
  const PolicyArn = `arn:aws:iam::${ACCOUNTS[account]}:policy/${hostPolicyName(account)}`;
  await iam.send(new AttachRolePolicyCommand({ RoleName: ROLE, PolicyArn }));
}

async function registerImage(ec2: EC2Client): Promise<string> {
  const { ImageId = '' } = await ec2.send(
    new RegisterImageCommand({
      Name: `${HOST_IMAGE.replace(':', '-')}-${Date.now()}`,
      ImageLocation: HOST_IMAGE,
    }),
  );
  return ImageId;
}

/** All of AWS, and each instance's metadata, on the address that hosts know this machine by. */
function startFront(endpoint: URL, ports: Ports, { name, gateway }: HostNetwork): Promise<Server> {
  return startPassingOn(endpoint, ports.hostFront, {
    host: gateway,
    instead: instanceMetadata((address) => instanceAt(endpoint, name, address)),
    // A registry is told by its name; everything else is the emulator's own.
    headers: ({ headers }) =>
      /\.dkr\.ecr\./.test(headers.host ?? '') ? headers : { ...headers, host: endpoint.host },
  });
}

async function instanceAt(
  endpoint: URL,
  network: string,
  address: string,
): Promise<Instance | undefined> {
  const ids = await docker('ps', '--quiet', '--filter', `network=${network}`);
  const format = `{{(index .NetworkSettings.Networks "${network}").IPAddress}} {{.Config.Labels.account_id}} {{.Config.Labels.instance_id}}`;
  const known = await docker('inspect', '--format', format, ...ids.split('\n'));
  const [, account, id] =
    known
      .split('\n')
      .map((line) => line.split(' '))
      .find(([ip]) => address.endsWith(`:${ip}`) || address === ip) ?? [];
  if (account === undefined || id === undefined) return undefined;
  const credentials = { accessKeyId: account, secretAccessKey: 'twin' };
  const sts = new STSClient({ endpoint: endpoint.origin, region: REGION, credentials });
  return {
    id,
    role: ROLE,
    credentials: async () => {
      const RoleArn = `arn:aws:iam::${account}:role/${ROLE}`;
      const { Credentials } = await sts.send(
        new AssumeRoleCommand({ RoleArn, RoleSessionName: id }),
      );
      return {
        accessKeyId: Credentials?.AccessKeyId ?? '',
        secretAccessKey: Credentials?.SecretAccessKey ?? '',
        sessionToken: Credentials?.SessionToken ?? '',
      };
    },
  };
}

/** As that account's administrator. */
export function clientOf(endpoint: URL, account: AccountName) {
  return {
    endpoint: endpoint.origin,
    region: REGION,
    credentials: { accessKeyId: ACCOUNTS[account], secretAccessKey: 'twin' },
  };
}
