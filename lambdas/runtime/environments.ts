import { ECRClient } from '@aws-sdk/client-ecr';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import * as z from 'zod';
import { ecrRegistry } from '../adapters/ecr-registry.ts';
import type { OpenRegistry } from '../copy/environment-registry.ts';
import { Unavailable } from '../domain/errors.ts';
import { clock } from './clock.ts';
import { readEnv } from './env.ts';

const env = readEnv({ TOOLS_ACCOUNT: z.string(), PARTITION: z.string() });
const sts = new STSClient({});

interface Deployed {
  readonly environment: string;
  readonly account: string;
  readonly region: string;
}

/** Credentials of the environment's deploy role; the session is named after the promotion. */
export async function deployCredentials(place: Deployed, session: string) {
  const { Credentials } = await sts.send(
    new AssumeRoleCommand({
      RoleArn: `arn:${env.PARTITION}:iam::${place.account}:role/ConveyorDeployRole-${place.environment}`,
      RoleSessionName: session,
      ExternalId: `conveyor:${env.TOOLS_ACCOUNT}:${place.environment}`,
      DurationSeconds: 3_600,
    }),
  );
  const {
    AccessKeyId: accessKeyId,
    SecretAccessKey: secretAccessKey,
    SessionToken: sessionToken,
  } = Credentials ?? {};
  if (!accessKeyId || !secretAccessKey || !sessionToken)
    throw new Unavailable(`STS gave no credentials for ConveyorDeployRole-${place.environment}`);
  return { accessKeyId, secretAccessKey, sessionToken };
}

/** An ECR client of the environment's account. */
export async function ecrClient(place: Deployed, session: string): Promise<ECRClient> {
  return new ECRClient({
    region: place.region,
    credentials: await deployCredentials(place, session),
  });
}

export const openRegistry: OpenRegistry = async (place, session) =>
  ecrRegistry({ client: await ecrClient(place, session), clock });
