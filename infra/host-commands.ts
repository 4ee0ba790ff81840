import { Stack } from 'aws-cdk-lib';
import { PolicyStatement, type Role } from 'aws-cdk-lib/aws-iam';
import { CfnDocument } from 'aws-cdk-lib/aws-ssm';
import { Construct } from 'constructs';
import type { ServiceConfig } from '../lambdas/domain/config.ts';
import { type DocumentKind, documentName } from '../lambdas/domain/rollout.ts';
import { renderDocument } from './documents/render-document.ts';
import { accept, wildcardFinding } from './support/nag.ts';

export interface HostCommandsProps {
  /** Conveyor's role in this account. */
  readonly deployRole: Role;
  /** By kind of host, the tags (`key=value`) of the services that run on such hosts here. */
  readonly tags: Readonly<Record<DocumentKind, readonly string[]>>;
}

/** An environment's Run Command documents, and the right to send exactly those to exactly the tagged hosts. */
export class HostCommands extends Construct {
  constructor(scope: Construct, id: string, { deployRole, tags }: HostCommandsProps) {
    super(scope, id);
    const { partition, region, account } = Stack.of(this);
    const hosts = `arn:${partition}:ec2:${region}:${account}:instance/*`;
    const kinds = (Object.keys(tags) as DocumentKind[]).filter((kind) => tags[kind].length > 0);
    for (const kind of kinds) {
      const name = documentName(kind);
      new CfnDocument(this, kind, {
        name,
        documentType: 'Command',
        documentFormat: 'JSON',
        content: renderDocument(kind),
        // A change makes a new default version; hosts under way keep what they were sent.
        updateMethod: 'NewVersion',
        targetType: '/AWS::EC2::Instance',
      });
      deployRole.addToPolicy(
        new PolicyStatement({
          sid: `Send${kind}`,
          actions: ['ssm:SendCommand'],
          resources: [`arn:${partition}:ssm:${region}:${account}:document/${name}`],
        }),
      );
      for (const [key, values] of byKey(tags[kind]))
        deployRole.addToPolicy(
          new PolicyStatement({
            actions: ['ssm:SendCommand'],
            resources: [hosts],
            conditions: { StringEquals: { [`ssm:resourceTag/${key}`]: values } },
          }),
        );
    }
    if (kinds.length === 0) return;
    deployRole.addToPolicy(
      new PolicyStatement({
        sid: 'Hosts',
        actions: [
          'ec2:DescribeInstances',
          'ssm:CancelCommand',
          'ssm:DescribeInstanceInformation',
          'ssm:ListCommandInvocations',
          'ssm:ListCommands',
        ],
        resources: ['*'],
      }),
    );
    accept(
      deployRole,
      wildcardFinding(deployRole, hosts),
      'Which hosts is said by their tags, in the condition.',
    );
  }
}

/** The tag of the hosts that provisioning is for, also where it is to take something away. */
export function provisionedHosts({ systemd }: ServiceConfig['target']): readonly string[] {
  return systemd?.provision === undefined ? [] : [systemd.hosts];
}

function byKey(tags: readonly string[]): ReadonlyMap<string, string[]> {
  const keys = new Map<string, string[]>();
  for (const tag of [...new Set(tags)].sort()) {
    const at = tag.indexOf('=');
    const key = tag.slice(0, at);
    keys.set(key, [...(keys.get(key) ?? []), tag.slice(at + 1)]);
  }
  return keys;
}
