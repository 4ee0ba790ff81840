import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { parameterArn } from './naming.ts';

/** Reading exactly one secret; none where none is configured. SSM decrypts SecureStrings by AWS's own key `aws/ssm`. */
export function secretPolicy(scope: Construct, name: string | undefined): PolicyStatement[] {
  if (name === undefined) return [];
  return [
    new PolicyStatement({ actions: ['ssm:GetParameter'], resources: [parameterArn(scope, name)] }),
  ];
}
