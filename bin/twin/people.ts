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

const MAY = {
  Version: '2012-10-17',
  Statement: [
    { Effect: 'Allow', Action: ['lambda:InvokeFunctionUrl', 'ssm:GetParameter'], Resource: '*' },
  ],
};

/** A role in an account of the twin, which everybody of that account may take. */
export interface PersonalRole {
  readonly account: string;
  readonly name: string;
}

function clientOptions(endpoint: URL, accessKeyId: string) {
  const credentials = { accessKeyId, secretAccessKey: 'twin' };
  return { endpoint: endpoint.origin, region: REGION, credentials };
}

const roleOf = (person: Person): PersonalRole => ({
  account: ACCOUNTS.tools,
  name: `person-${person}`,
});

/** Makes the role `person-<name>` of everybody. */
export async function hirePeople(endpoint: URL): Promise<void> {
  await Promise.all(
    PEOPLE.map((person) => makeRole(endpoint, roleOf(person), { name: 'conveyor', policy: MAY })),
  );
}

/** Makes the role, if it is not there, and gives it that policy. */
export async function makeRole(
  endpoint: URL,
  { account, name: RoleName }: PersonalRole,
  given: { readonly name: string; readonly policy: object },
): Promise<void> {
  const iam = new IAMClient(clientOptions(endpoint, account));
  const trust = {
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: { AWS: account }, Action: 'sts:AssumeRole' }],
  };
  try {
    await iam.send(
      new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: JSON.stringify(trust) }),
    );
  } catch (error) {
    if (!(error instanceof EntityAlreadyExistsException)) throw error;
  }
  await iam.send(
    new PutRolePolicyCommand({
      RoleName,
      PolicyName: given.name,
      PolicyDocument: JSON.stringify(given.policy),
    }),
  );
}

/** Credentials of one person's session. */
export function sessionOf(endpoint: URL, person: Person): Promise<SessionCredentials> {
  return takeRole(endpoint, roleOf(person), person);
}

/** Credentials of a session of that role; STS names the session by its person. */
export async function takeRole(
  endpoint: URL,
  { account, name }: PersonalRole,
  person: Person,
): Promise<SessionCredentials> {
  const { Credentials } = await new STSClient(clientOptions(endpoint, account)).send(
    new AssumeRoleCommand({
      RoleArn: `arn:aws:iam::${account}:role/${name}`,
      RoleSessionName: person,
      DurationSeconds: 43_200,
    }),
  );
  return {
    accessKeyId: Credentials?.AccessKeyId ?? '',
    secretAccessKey: Credentials?.SecretAccessKey ?? '',
    sessionToken: Credentials?.SessionToken ?? '',
  };
}
