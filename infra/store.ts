import { Duration } from 'aws-cdk-lib';
import { Rule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { AccountPrincipal, PolicyStatement, PrincipalWithConditions } from 'aws-cdk-lib/aws-iam';
import {
  BlockPublicAccess,
  Bucket,
  BucketEncryption,
  type CfnBucket,
  type IBucket,
} from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { storeBucket } from '../lambdas/domain/release-store.ts';
import type { Foundation } from './support/foundation.ts';
import type { Grant } from './support/grant.ts';
import type { LambdaFn } from './support/lambda-fn.ts';
import { accept, wildcardFinding } from './support/nag.ts';
import { deployRoleArn } from './support/naming.ts';
import { readSecret } from './support/secrets.ts';

/** Where CI puts tarballs: a bucket in the tools account, R2, or both; who may read it, and what an upload sets off. */
export class ReleaseStore extends Construct {
  readonly bucket: Pick<IBucket, 'bucketArn' | 'bucketName'> | undefined;

  constructor(
    scope: Construct,
    id: string,
    private readonly foundation: Foundation,
  ) {
    super(scope, id);
    const { config } = foundation;
    const pushed = Object.values(config.services).map(({ artifact }) => artifact.tarball);
    if (!pushed.includes('s3')) return;
    this.bucket =
      config.releaseStore.s3 === 'create'
        ? this.createBucket(storeBucket(config))
        : Bucket.fromBucketName(this, 'Bucket', storeBucket(config));
  }

  /** Looking for an object, reading it, and listing: without the right to list, what is missing looks forbidden. */
  get read(): readonly Grant[] {
    return this.use(['s3:GetObject']);
  }

  /** Saying what the bucket may let go by its own rule, and what not. Nobody may delete. */
  get mark(): readonly Grant[] {
    return this.use(['s3:GetObjectTagging', 's3:PutObjectTagging']);
  }

  private use(actions: string[]): readonly Grant[] {
    const { r2 } = this.foundation.config.releaseStore;
    const secrets = [readSecret(this, r2?.accessKeyId), readSecret(this, r2?.secretAccessKey)];
    if (this.bucket === undefined) return secrets;
    const { bucketArn } = this.bucket;
    const objects = `${bucketArn}/*`;
    return [
      {
        policy: [
          new PolicyStatement({ actions, resources: [objects] }),
          new PolicyStatement({ actions: ['s3:ListBucket'], resources: [bucketArn] }),
        ],
        accepted: [
          {
            finding: wildcardFinding(this, objects),
            reason: 'Every object of the release store is a release.',
          },
        ],
      },
      ...secrets,
    ];
  }

  /** Every upload to the bucket, to the function that takes it in. An existing bucket must send its events to EventBridge. */
  announceTo(uploaded: LambdaFn): void {
    if (this.bucket === undefined) return;
    new Rule(this, 'Uploads', {
      description: 'Tarballs that CI has put into the release store',
      eventPattern: {
        source: ['aws.s3'],
        detailType: ['Object Created'],
        detail: { bucket: { name: [this.bucket.bucketName] } },
      },
      targets: [
        new LambdaFunction(uploaded.function, {
          deadLetterQueue: this.foundation.deadLetters,
          retryAttempts: 185,
          maxEventAge: Duration.hours(24),
        }),
      ],
    });
  }

  /** So that an environment's own role can fetch a release from here, server to server. */
  private letDeployRolesRead(bucket: Bucket): void {
    for (const [name, { account }] of Object.entries(this.foundation.config.environments))
      bucket.addToResourcePolicy(
        new PolicyStatement({
          sid: `ReadBy${name.replaceAll('-', '')}`,
          // By the role's ARN it could not be deployed before the role is there.
          principals: [
            new PrincipalWithConditions(new AccountPrincipal(account), {
              ArnEquals: { 'aws:PrincipalArn': deployRoleArn(this, account, name) },
            }),
          ],
          actions: ['s3:GetObject'],
          resources: [bucket.arnForObjects('*')],
        }),
      );
  }

  private createBucket(bucketName: string): Bucket {
    const bucket = new Bucket(this, 'Bucket', {
      bucketName,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      encryption: BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      versioned: true,
      lifecycleRules: [
        { abortIncompleteMultipartUploadAfter: Duration.days(1) },
        {
          // `retain-releases` sets the tag; what somebody wrote over has none, and stays.
          tagFilters: { 'conveyor-retention': 'expired' },
          expiration: Duration.days(1),
          noncurrentVersionExpiration: Duration.days(30),
        },
      ],
      removalPolicy: this.foundation.removalPolicy,
    });
    // The construct's own `eventBridgeEnabled` brings a function of CDK's with rights of its own; CloudFormation needs none.
    (bucket.node.defaultChild as CfnBucket).notificationConfiguration = {
      eventBridgeConfiguration: { eventBridgeEnabled: true },
    };
    this.letDeployRolesRead(bucket);
    accept(
      bucket,
      'AwsSolutions-S1',
      'Who read or wrote a release is told by CloudTrail data events where an organisation wants them.',
    );
    return bucket;
  }
}
