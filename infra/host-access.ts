import { type RemovalPolicy, Stack } from 'aws-cdk-lib';
import { ManagedPolicy, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import type { ConveyorConfig } from '../lambdas/domain/config.ts';
import { fillNames } from '../lambdas/domain/ledger-place.ts';
import type { EnvironmentName, ServiceName } from '../lambdas/domain/names.ts';
import { HostOutput } from './host-output.ts';
import { accept, wildcardFinding } from './support/nag.ts';
import { parameterArn } from './support/naming.ts';

export interface HostAccessProps {
  readonly environment: EnvironmentName;
  /** By name, those that run on hosts here. */
  readonly services: readonly (readonly [ServiceName, ConveyorConfig['services'][ServiceName]])[];
  readonly releaseBucketArn: string;
  /** Where the SSM agent shall put what a command printed (`outputBucket`). */
  readonly outputBucket: string;
  /** Of that bucket. */
  readonly removalPolicy: RemovalPolicy;
}

const NO_RESOURCE = 'ecr:GetAuthorizationToken has no resource-level permissions.';

/**
 * What a host itself may: fetch its releases, read its services' parameters. One managed policy, for the instance role that the
 * team has already, beside AmazonSSMManagedInstanceCore. A customer's own KMS key lets that role decrypt in its key policy;
 * `aws/ssm` does so by itself.
 */
export class HostAccess extends Construct {
  readonly policy: ManagedPolicy;

  constructor(scope: Construct, id: string, props: HostAccessProps) {
    super(scope, id);
    const { environment, services, releaseBucketArn, outputBucket, removalPolicy } = props;
    this.policy = new ManagedPolicy(this, 'Policy', {
      managedPolicyName: hostPolicyName(environment),
      description: 'For instances that Conveyor deploys to: their releases and their parameters',
    });
    const tarballs = services.flatMap(([service, { target }]) =>
      target.systemd ? [`${releaseBucketArn}/${service}/*`] : [],
    );
    this.allow('Tarballs', ['s3:GetObject'], tarballs, 'Every object there is a release of it.');
    const output = { bucketName: outputBucket, removalPolicy };
    const { bucketArn: outputBucketArn } = new HostOutput(this, 'Output', output);
    // "Configure instance permissions required for Systems Manager" (Systems Manager guide): the agent says who shall own it.
    this.allow(
      'Output',
      ['s3:PutObject', 's3:PutObjectAcl'],
      [`${outputBucketArn}/*`],
      'Every object there is what a command printed; nobody’s role but the hosts’ writes there.',
    );
    this.allow('HowOutputIsKept', ['s3:GetEncryptionConfiguration'], [outputBucketArn]);
    const images = services.flatMap(([, { artifact, target }]) =>
      target.compose && artifact.image !== undefined ? [this.repositoryArn(artifact.image)] : [],
    );
    if (images.length > 0) this.allow('Login', ['ecr:GetAuthorizationToken'], ['*'], NO_RESOURCE);
    this.allow('Images', ['ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'], images);
    const parameters = services.flatMap(([service, { target }]) =>
      (target.compose?.parameters === undefined ? [] : [target.compose.parameters])
        .map((path) => fillNames(path, { environment, service }))
        .flatMap((path) => [parameterArn(this, path), `${parameterArn(this, path)}/*`]),
    );
    const because = 'All parameters below a service’s path are its own.';
    this.allow('Parameters', ['ssm:GetParametersByPath'], parameters, because);
    const secrets = services.flatMap(([service, { target }]) => {
      const declared = target.systemd?.provision;
      return typeof declared === 'object' && !declared.credential
        ? Object.values(declared.secrets).map((name) =>
            parameterArn(this, fillNames(name, { environment, service })),
          )
        : [];
    });
    this.allow('Secrets', ['ssm:GetParameters'], secrets);
  }

  private allow(sid: string, actions: string[], resources: string[], because = ''): void {
    if (resources.length === 0) return;
    this.policy.addStatements(new PolicyStatement({ sid, actions, resources }));
    for (const resource of resources.filter((one) => one.endsWith('*')))
      accept(this.policy, wildcardFinding(this.policy, resource), because);
  }

  private repositoryArn(resourceName: string): string {
    return Stack.of(this).formatArn({ service: 'ecr', resource: 'repository', resourceName });
  }
}

/** Fixed, so that a role can name it before it is there. */
export function hostPolicyName(environment: string): string {
  return `ConveyorHost-${environment}`;
}
