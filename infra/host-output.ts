import { Duration, type RemovalPolicy, Stack } from 'aws-cdk-lib';
import { BlockPublicAccess, Bucket, BucketEncryption, ObjectOwnership } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { accept } from './support/nag.ts';

export interface HostOutputProps {
  /** Commands name it (`outputBucket`). */
  readonly bucketName: string;
  readonly removalPolicy: RemovalPolicy;
}

/** As long as people look for what went wrong; the record itself is elsewhere. */
const KEPT = Duration.days(90);

/** What hosts' scripts printed, whole: a host that failed may be gone before anybody looks. */
export class HostOutput extends Construct {
  readonly bucketArn: string;

  constructor(scope: Construct, id: string, { bucketName, removalPolicy }: HostOutputProps) {
    super(scope, id);
    const bucket = new Bucket(this, 'Bucket', {
      bucketName,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      encryption: BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      lifecycleRules: [{ expiration: KEPT, abortIncompleteMultipartUploadAfter: Duration.days(1) }],
      removalPolicy,
    });
    accept(bucket, 'AwsSolutions-S1', 'It is a log itself.');
    this.bucketArn = `arn:${Stack.of(this).partition}:s3:::${bucketName}`;
  }
}
