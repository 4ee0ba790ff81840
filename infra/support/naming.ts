import { ArnFormat, Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';

/** Names that two accounts, or a person and a machine, must agree on before either side exists. All others are CDK's. */
export const BUS_NAME = 'conveyor';
export const CONFIG_PATH = '/conveyor/config';
export const API_PATH = '/conveyor/api';

export function deployRoleName(environment: string): string {
  return `ConveyorDeployRole-${environment}`;
}

export function deployRoleArn(scope: Construct, account: string, environment: string): string {
  return `arn:${Stack.of(scope).partition}:iam::${account}:role/${deployRoleName(environment)}`;
}

/** What the environment's role asks for beside the caller's ARN, so that a role named by mistake opens nothing. */
export function externalId(toolsAccount: string, environment: string): string {
  return `conveyor:${toolsAccount}:${environment}`;
}

export function functionRoleArn(scope: Construct, account: string, name: string): string {
  return `arn:${Stack.of(scope).partition}:iam::${account}:role/conveyor-${name}`;
}

/** The functions that act in environment accounts; their roles are what the deploy roles trust. */
export const CROSS_ACCOUNT_FUNCTIONS = [
  'copy-image',
  'verify-image',
  'copy-tarball',
  'verify-tarball',
  'sweep-source',
  'sweep-hosts',
  'mend-line',
  'deploy-hosts',
  'provision',
] as const;

export function parameterArn(scope: Construct, name: string): string {
  return Stack.of(scope).formatArn({
    service: 'ssm',
    resource: 'parameter',
    resourceName: name.replace(/^\//, ''),
    arnFormat: ArnFormat.SLASH_RESOURCE_NAME,
  });
}
