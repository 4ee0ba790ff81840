import { Duration, Stack } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import type { ReleaseStore } from './store.ts';
import type { Foundation } from './support/foundation.ts';
import type { Grant } from './support/grant.ts';
import { LambdaFn } from './support/lambda-fn.ts';
import { deployRoleArn } from './support/naming.ts';

/** Assuming the deploy role of every environment: the only way into another account. */
export function assumeDeployRoles(scope: Construct, { config }: Foundation): Grant {
  const roles = Object.entries(config.environments).map(([name, environment]) =>
    deployRoleArn(scope, environment.account, name),
  );
  return {
    environment: { TOOLS_ACCOUNT: config.tools.account, PARTITION: Stack.of(scope).partition },
    policy: [new PolicyStatement({ actions: ['sts:AssumeRole'], resources: roles })],
  };
}

export interface CopyProps {
  readonly foundation: Foundation;
  readonly store: ReleaseStore;
}

/** Registry to registry, store to store, and the reading back. */
export class Copy extends Construct {
  readonly copy: LambdaFn;
  readonly verify: LambdaFn;
  readonly copyTarball: LambdaFn;
  readonly verifyTarball: LambdaFn;

  constructor(scope: Construct, id: string, { foundation, store }: CopyProps) {
    super(scope, id);
    const common = {
      grants: [foundation.writeTable, assumeDeployRoles(this, foundation)],
      removalPolicy: foundation.removalPolicy,
    };
    this.copy = new LambdaFn(this, 'CopyImage', {
      ...common,
      name: 'copy-image',
      description: 'Conveyor copy: an image from registry to registry, byte for byte',
      memorySize: 512,
      timeout: Duration.minutes(15),
    });
    this.verify = new LambdaFn(this, 'VerifyImage', {
      ...common,
      name: 'verify-image',
      description: 'Conveyor copy: re-reads the destination and compares digests',
      timeout: Duration.minutes(5),
    });
    const timeout = Duration.minutes(15);
    // A whole processor (Lambda guide, "Configure Lambda function memory"): hashing takes what time there is.
    const memorySize = 1_769;
    this.copyTarball = new LambdaFn(this, 'CopyTarball', {
      ...common,
      name: 'copy-tarball',
      description: 'Conveyor copy: a tarball from the release store to a bucket, byte for byte',
      grants: [...common.grants, foundation.readConfig, ...store.read, ...store.mark],
      memorySize,
      timeout,
    });
    this.verifyTarball = new LambdaFn(this, 'VerifyTarball', {
      ...common,
      name: 'verify-tarball',
      description: 'Conveyor copy: reads a tarball back from the destination, and compares',
      memorySize,
      timeout,
    });
  }
}
