import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import type { Grant } from './grant.ts';
import { parameterArn } from './naming.ts';

/** Reading exactly one secret; none where none is configured. SSM decrypts SecureStrings by AWS's own key `aws/ssm`. */
export function readSecret(scope: Construct, name: string | undefined): Grant {
  if (name === undefined) return { policy: [] };
  return {
    policy: [
      new PolicyStatement({
        actions: ['ssm:GetParameter'],
        resources: [parameterArn(scope, name)],
      }),
    ],
  };
}
