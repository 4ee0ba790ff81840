import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import {
  ImageTagMutabilityExclusionFilter,
  type IRepository,
  Repository,
  TagMutability,
} from 'aws-cdk-lib/aws-ecr';
import { type CfnRule, EventBus, Rule } from 'aws-cdk-lib/aws-events';
import { EventBus as EventBusTarget } from 'aws-cdk-lib/aws-events-targets';
import {
  AccountPrincipal,
  PolicyStatement,
  PrincipalWithConditions,
  Role,
} from 'aws-cdk-lib/aws-iam';
import { BlockPublicAccess, Bucket, BucketEncryption, type IBucket } from 'aws-cdk-lib/aws-s3';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { ConveyorConfig } from '../lambdas/domain/config.ts';
import { EnvironmentName, type ServiceName } from '../lambdas/domain/names.ts';
import { outputBucket, releaseBucket, storeBucket } from '../lambdas/domain/release-store.ts';
import { HostAccess } from './host-access.ts';
import { HostCommands, provisionedHosts } from './host-commands.ts';
import { accept, wildcardFinding } from './support/nag.ts';
import {
  BUS_NAME,
  CROSS_ACCOUNT_FUNCTIONS,
  deployRoleName,
  externalId,
  functionRoleArn,
} from './support/naming.ts';

export interface ConveyorEnvironmentProps {
  /** The checked `conveyor.yaml` (`readConfig`). */
  readonly config: ConveyorConfig;
  /** Which environment this account and region is. */
  readonly environment: string;
  /** What becomes of repositories and bucket when the stack is deleted. @default RemovalPolicy.RETAIN */
  readonly removalPolicy?: RemovalPolicy;
}

/** One environment account: its repositories and release bucket, the role Conveyor acts by, and the forwarding of events. */
export class ConveyorEnvironment extends Construct {
  readonly repositories: readonly IRepository[];
  readonly releaseBucket: Pick<IBucket, 'bucketArn' | 'bucketName'>;
  readonly deployRole: Role;

  constructor(scope: Construct, id: string, props: ConveyorEnvironmentProps) {
    super(scope, id);
    const { config } = props;
    const environment = EnvironmentName.parse(props.environment);
    const removalPolicy = props.removalPolicy ?? RemovalPolicy.RETAIN;
    const here = config.environments[environment];
    if (here === undefined) throw new Error(`conveyor.yaml has no environment ${environment}`);
    const services = (
      Object.entries(config.services) as [ServiceName, ConveyorConfig['services'][ServiceName]][]
    ).filter(([, service]) => service.stages.includes(environment));
    this.repositories = services.flatMap(
      ([
        service,
        {
          artifact: { image },
        },
      ]) => {
        if (image === undefined) return [];
        return here.repositories === 'existing'
          ? Repository.fromRepositoryName(this, `Repository-${service}`, image)
          : this.createRepository(service, image, removalPolicy);
      },
    );
    this.releaseBucket =
      here.releaseBucket === 'create'
        ? this.createBucket(releaseBucket(config, environment), removalPolicy)
        : Bucket.fromBucketName(this, 'Releases', here.releaseBucket.existing);
    const tarballs = services.some(([, { artifact }]) => artifact.tarball !== undefined);
    this.deployRole = this.createDeployRole(config, environment, tarballs);
    new HostCommands(this, 'HostCommands', {
      deployRole: this.deployRole,
      tags: {
        systemd: services.flatMap(([, { target }]) => target.systemd?.hosts ?? []),
        compose: services.flatMap(([, { target }]) => target.compose?.hosts ?? []),
        provision: services.flatMap(([, { target }]) => provisionedHosts(target)),
      },
    });
    const onHosts = services.filter(([, { target }]) => target.systemd ?? target.compose);
    if (onHosts.length > 0)
      new HostAccess(this, 'HostAccess', {
        environment,
        services: onHosts,
        releaseBucketArn: this.releaseBucket.bucketArn,
        outputBucket: outputBucket(config, environment),
        removalPolicy,
      });
    if (services.some(([, { stages }]) => stages[0] === environment))
      this.forwardPushes(config, removalPolicy);
  }

  /** Tags never move; signatures append under `sha256-…`, which may (OCI distribution 1.1, "Referrers Tag Schema"). */
  private createRepository(
    service: string,
    repositoryName: string,
    removalPolicy: RemovalPolicy,
  ): Repository {
    return new Repository(this, `Repository-${service}`, {
      repositoryName,
      imageTagMutability: TagMutability.IMMUTABLE_WITH_EXCLUSION,
      imageTagMutabilityExclusionFilters: [ImageTagMutabilityExclusionFilter.wildcard('sha256-*')],
      imageScanOnPush: true,
      removalPolicy,
      emptyOnDelete: removalPolicy === RemovalPolicy.DESTROY,
    });
  }

  private createBucket(bucketName: string, removalPolicy: RemovalPolicy): Bucket {
    const bucket = new Bucket(this, 'Releases', {
      bucketName,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      encryption: BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      versioned: true,
      lifecycleRules: [{ abortIncompleteMultipartUploadAfter: Duration.days(1) }],
      removalPolicy,
    });
    accept(
      bucket,
      'AwsSolutions-S1',
      'Who read a release is told by CloudTrail data events where an organisation wants them; access logs would need a bucket of their own.',
    );
    return bucket;
  }

  /** Exactly what a promotion does here, by exactly the functions that do it, under the agreed external id. */
  private createDeployRole(
    config: ConveyorConfig,
    environment: EnvironmentName,
    tarballs: boolean,
  ): Role {
    const callers = CROSS_ACCOUNT_FUNCTIONS.map((name) =>
      functionRoleArn(this, config.tools.account, name),
    );
    const role = new Role(this, 'DeployRole', {
      roleName: deployRoleName(environment),
      description: 'Conveyor promotes through this role; sessions are named after the promotion',
      maxSessionDuration: Duration.hours(1),
      assumedBy: new PrincipalWithConditions(new AccountPrincipal(config.tools.account), {
        StringEquals: { 'sts:ExternalId': externalId(config.tools.account, environment) },
        ArnEquals: { 'aws:PrincipalArn': callers },
      }),
    });
    const repositories = this.repositories.map((repository) => repository.repositoryArn);
    role.addToPolicy(
      new PolicyStatement({
        sid: 'Login',
        actions: ['ecr:GetAuthorizationToken'],
        resources: ['*'],
      }),
    );
    if (repositories.length > 0)
      role.addToPolicy(
        new PolicyStatement({
          sid: 'Images',
          actions: [
            'ecr:BatchCheckLayerAvailability',
            'ecr:BatchGetImage',
            'ecr:CompleteLayerUpload',
            'ecr:DescribeImages',
            'ecr:GetDownloadUrlForLayer',
            'ecr:InitiateLayerUpload',
            'ecr:PutImage',
            'ecr:UploadLayerPart',
          ],
          resources: repositories,
        }),
      );
    if (tarballs) {
      role.addToPolicy(
        new PolicyStatement({
          sid: 'Tarballs',
          actions: [
            's3:AbortMultipartUpload',
            's3:GetObject',
            's3:ListMultipartUploadParts',
            's3:PutObject',
          ],
          resources: [`${this.releaseBucket.bucketArn}/*`],
        }),
      );
      role.addToPolicy(
        new PolicyStatement({
          sid: 'WhichTarballs',
          actions: ['s3:ListBucket', 's3:ListBucketMultipartUploads'],
          resources: [this.releaseBucket.bucketArn],
        }),
      );
      accept(
        role,
        wildcardFinding(role, `${this.releaseBucket.bucketArn}/*`),
        'Every object of the release bucket is a release.',
      );
      this.letReadStore(role, config);
    }
    accept(
      role,
      'AwsSolutions-IAM5[Resource::*]',
      'ecr:GetAuthorizationToken has no resource-level permissions.',
    );
    return role;
  }

  /** Only of a release store that Conveyor made itself: its policy lets this role read, so that S3 copies by itself. */
  private letReadStore(role: Role, config: ConveyorConfig): void {
    if (config.releaseStore.s3 !== 'create') return;
    const store = `arn:${Stack.of(this).partition}:s3:::${storeBucket(config)}/*`;
    role.addToPolicy(
      new PolicyStatement({ sid: 'ReleaseStore', actions: ['s3:GetObject'], resources: [store] }),
    );
    accept(role, wildcardFinding(role, store), 'Every object of the release store is a release.');
  }

  /** All pushes of this account go to the tools bus, so that what is refused is recorded there too. */
  private forwardPushes(config: ConveyorConfig, removalPolicy: RemovalPolicy): void {
    const deadLetterQueue = new Queue(this, 'Undelivered', {
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      removalPolicy,
    });
    accept(deadLetterQueue, 'AwsSolutions-SQS3', 'This is the dead-letter queue.');
    const { account, region } = config.tools;
    const bus = EventBus.fromEventBusArn(
      this,
      'ToolsBus',
      `arn:${Stack.of(this).partition}:events:${region}:${account}:event-bus/${BUS_NAME}`,
    );
    const rule = new Rule(this, 'Pushes', {
      description: 'Image pushes, to Conveyor in the tools account',
      eventPattern: {
        source: ['aws.ecr'],
        detailType: ['ECR Image Action'],
        detail: { 'action-type': ['PUSH'], result: ['SUCCESS'] },
      },
      targets: [new EventBusTarget(bus, { deadLetterQueue })],
    });
    // CDK's bus target has no property for it.
    (rule.node.defaultChild as CfnRule).addPropertyOverride('Targets.0.RetryPolicy', {
      MaximumEventAgeInSeconds: Duration.hours(24).toSeconds(),
      MaximumRetryAttempts: 185,
    });
  }
}
