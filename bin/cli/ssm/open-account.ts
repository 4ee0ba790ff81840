import { EC2Client } from '@aws-sdk/client-ec2';
import { ECRClient } from '@aws-sdk/client-ecr';
import { SSMClient } from '@aws-sdk/client-ssm';
import { Ec2Hosts } from '../../../lambdas/adapters/ec2-hosts.ts';
import { ecrRegistry } from '../../../lambdas/adapters/ecr-registry.ts';
import { s3Client } from '../../../lambdas/adapters/s3-client.ts';
import { S3Objects } from '../../../lambdas/adapters/s3-objects.ts';
import {
  type CommandOutput,
  SsmHostCommands,
} from '../../../lambdas/adapters/ssm-host-commands.ts';
import type { Digest } from '../../../lambdas/domain/digest.ts';
import { NotAllowed } from '../../../lambdas/domain/errors.ts';
import type { Version } from '../../../lambdas/domain/names.ts';
import { isImage, type Place } from '../../../lambdas/domain/place.ts';
import { documentName, type HostKind } from '../../../lambdas/domain/rollout.ts';
import type { HostCommands } from '../../../lambdas/ports/host-commands.ts';
import type { Hosts } from '../../../lambdas/ports/hosts.ts';
import { type CallerIdentity, readCallerIdentity } from '../caller-identity.ts';
import type { Context } from '../context.ts';

/** An environment's account, reached by the caller's own credentials. */
export interface Account {
  readonly caller: CallerIdentity;
  readonly hosts: Hosts;
  readonly commands: HostCommands;
  /** What a version is here; undefined where it is not. @throws RegistryRefused, StoreRefused, Unavailable, … */
  digestOf(place: Place, version: Version): Promise<Digest | undefined>;
}

export interface Wanted {
  readonly environment: string;
  readonly account: string;
  readonly region: string;
  readonly kind: HostKind;
  readonly output: CommandOutput;
}

/** @throws NotAllowed where the credentials are of another account */
export async function openAccount(context: Context, wanted: Wanted): Promise<Account> {
  const { environment, account, region, kind, output } = wanted;
  const caller = await readCallerIdentity(context, region);
  if (caller.account !== account)
    throw new NotAllowed(
      `these credentials are of the account ${caller.account}; ${environment} is ${account}`,
      {
        data: { environment, account, caller: caller.arn },
        fix: `Set AWS_PROFILE to one of ${account}, whose role may do what docs/how-to/without-conveyor.md says.`,
      },
    );
  const ssm = new SSMClient({ region });
  return {
    caller,
    hosts: new Ec2Hosts(new EC2Client({ region }), ssm),
    commands: new SsmHostCommands(ssm, documentName(kind), output),
    digestOf: (place, version) => digestOf(context, region, place, version),
  };
}

async function digestOf(
  { host, clock }: Context,
  region: string,
  place: Place,
  version: Version,
): Promise<Digest | undefined> {
  if (isImage(place)) {
    const registry = await ecrRegistry({ client: new ECRClient({ region }), clock });
    return (await registry.head(place.repository, version))?.digest;
  }
  const endpoint = host.env.AWS_ENDPOINT_URL_S3 ?? host.env.AWS_ENDPOINT_URL;
  const objects = new S3Objects(s3Client({ region, endpoint }), place.bucket);
  return (await objects.head(place.key))?.digest;
}
