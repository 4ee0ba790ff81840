import { Stack, Validations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/** Accepts one cdk-nag finding on one construct, beside the resource it is about. `finding` is `Rule` or `Rule[Detail]`. */
export function accept(construct: IConstruct, finding: string, reason: string): void {
  Validations.of(construct).acknowledge({ id: finding, reason });
}

/** The finding about an ARN that ends in a wildcard, as cdk-nag spells it. */
export function wildcardFinding(scope: IConstruct, arn: string): string {
  const resolved: unknown = Stack.of(scope).resolve(arn);
  return `AwsSolutions-IAM5[Resource::${typeof resolved === 'string' ? resolved : flat(resolved)}]`;
}

/** `{Fn::Join: ['', ['arn:', {Ref: 'AWS::Partition'}, …]]}` → `arn:<AWS::Partition>…`; `{Fn::GetAtt: [id, Arn]}` → `<id.Arn>`. */
function flat(joined: unknown): string {
  const [, parts = []] = (joined as { 'Fn::Join'?: [string, unknown[]] })['Fn::Join'] ?? [];
  return parts.map((part) => (typeof part === 'string' ? part : `<${nameOf(part)}>`)).join('');
}

function nameOf(part: unknown): string {
  const { Ref, 'Fn::GetAtt': attribute } = part as { Ref?: string; 'Fn::GetAtt'?: string[] };
  return Ref ?? attribute?.join('.') ?? '';
}
