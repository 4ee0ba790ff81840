import {
  CreateRoleCommand,
  EntityAlreadyExistsException,
  IAMClient,
  PutRolePolicyCommand,
} from '@aws-sdk/client-iam';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import type { SessionCredentials } from './child-environment.ts';
import { ACCOUNTS, REGION } from './layout.ts';

/** As `examples/forge/conveyor.yaml` knows them. The emulator names a principal only for sessions of a role. */
export const PEOPLE = ['ana', 'li', 'tom', 'mei', 'raj'] as const;
export type Person = (typeof PEOPLE)[number];

const TRUST = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { AWS: ACCOUNTS.tools }, Action: 'sts:AssumeRole' }],
};
const MAY = {
  Version: '2012-10-17',
  Statement: [
    { Effect: 'Allow', Action: ['lambda:InvokeFunctionUrl', 'ssm:GetParameter'], Resource: '*' },
  ],
};

function clientOptions(endpoint: URL) {
  return {
    endpoint: endpoint.origin,
    region: REGION,
    credentials: { accessKeyId: ACCOUNTS.tools, secretAccessKey: 'twin' },
  };
}

/** Makes the role `person-<name>` of everybody. */
export async function hirePeople(endpoint: URL): Promise<void> {
  const iam = new IAMClient(clientOptions(endpoint));
  await Promise.all(
    PEOPLE.map(async (person) => {
      const RoleName = `person-${person}`;
      try {
        await iam.send(
          new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: JSON.stringify(TRUST) }),
        );
      } catch (error) {
        if (!(error instanceof EntityAlreadyExistsException)) throw error;
      }
      await iam.send(
        new PutRolePolicyCommand({
          RoleName,
          PolicyName: 'conveyor',
          PolicyDocument: JSON.stringify(MAY),
        }),
      );
    }),
  );
}

/** Credentials of one person's session. */
export async function sessionOf(endpoint: URL, person: Person): Promise<SessionCredentials> {
  const sts = new STSClient(clientOptions(endpoint));
  const RoleArn = `arn:aws:iam::${ACCOUNTS.tools}:role/person-${person}`;
  const { Credentials } = await sts.send(
    new AssumeRoleCommand({ RoleArn, RoleSessionName: person, DurationSeconds: 43_200 }),
  );
  return {
    accessKeyId: Credentials?.AccessKeyId ?? '',
    secretAccessKey: Credentials?.SecretAccessKey ?? '',
    sessionToken: Credentials?.SessionToken ?? '',
  };
}
