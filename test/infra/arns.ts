import type { Template } from 'aws-cdk-lib/assertions';
import { type Resource, resources } from './forge.ts';

export interface Place {
  readonly account: string;
  readonly region: string;
}

type Properties = Resource['Properties'];

/** How each type's ARN looks (service authorization reference). Names that CloudFormation would make up are the logical ids. */
const FORMS: Record<string, (id: string, of: Properties) => string> = {
  'AWS::DynamoDB::Table': (id) => `dynamodb:R:A:table/${id}`,
  'AWS::ECR::Repository': (_, of) => `ecr:R:A:repository/${of.RepositoryName}`,
  'AWS::Events::EventBus': (_, of) => `events:R:A:event-bus/${of.Name}`,
  'AWS::Events::Rule': (id) => `events:R:A:rule/${id}`,
  'AWS::IAM::Role': (id, of) => `iam::A:role/${of.RoleName ?? id}`,
  'AWS::KMS::Key': (id) => `kms:R:A:key/${id}`,
  'AWS::Lambda::Function': (_, of) => `lambda:R:A:function:${of.FunctionName}`,
  'AWS::Logs::LogGroup': (id, of) => `logs:R:A:log-group:${of.LogGroupName ?? id}:*`,
  'AWS::S3::Bucket': (id, of) => `s3:::${of.BucketName ?? `ACCOUNT-${id}`}`,
  'AWS::SNS::Topic': (id) => `sns:R:A:${id}`,
  'AWS::SQS::Queue': (id) => `sqs:R:A:${id}`,
  'AWS::StepFunctions::StateMachine': (_, of) => `states:R:A:stateMachine:${of.StateMachineName}`,
};

/** Types of which `Ref` is the ARN; of all others here it is a name (CloudFormation's reference, "Return values"). */
const REF_IS_ARN = new Set(['AWS::SNS::Topic', 'AWS::StepFunctions::StateMachine']);

/** The ARN of each resource of a template that has one here, by logical id. */
export function arnsOf(
  template: Template,
  { account, region }: Place,
): ReadonlyMap<string, string> {
  return new Map(
    [...resources(template)].flatMap(([id, { Type, Properties }]) => {
      const form = FORMS[Type]?.(id, Properties);
      if (form === undefined) return [];
      return [
        [
          id,
          `arn:aws:${form.replace(':R:', `:${region}:`).replace(':A:', `:${account}:`).replace('ACCOUNT', account)}`,
        ],
      ];
    }),
  );
}

/** The text that CloudFormation makes of a value. @throws where a policy names something without a form above */
export function resolver(template: Template, place: Place): (value: unknown) => string {
  const arns = arnsOf(template, place);
  const all = resources(template);
  const known = (id: string | undefined): string => {
    const arn = arns.get(id ?? '');
    if (arn === undefined) throw new Error(`There is no ARN for ${id}`);
    return arn;
  };
  const resolve = (value: unknown): string => {
    if (typeof value === 'string') return value;
    const {
      Ref,
      'Fn::GetAtt': attribute,
      'Fn::Join': joined,
    } = value as { Ref?: string; 'Fn::GetAtt'?: string[]; 'Fn::Join'?: [string, unknown[]] };
    if (Ref === 'AWS::URLSuffix') return 'amazonaws.com';
    if (Ref !== undefined && REF_IS_ARN.has(all.get(Ref)?.Type ?? '')) return known(Ref);
    if (Ref !== undefined) return known(Ref).replace(/^.*[/:]/, '');
    if (attribute?.[1] === 'Arn') return known(attribute[0]);
    if (joined !== undefined) return joined[1].map(resolve).join(joined[0]);
    throw new Error(`Not a text: ${JSON.stringify(value)}`);
  };
  return resolve;
}

/** The same document with every `Ref`, `GetAtt` and `Join` put as text. */
export function resolved<T>(document: T, resolve: (value: unknown) => string): T {
  if (Array.isArray(document)) return document.map((entry) => resolved(entry, resolve)) as T;
  if (typeof document !== 'object' || document === null) return document;
  const keys = Object.keys(document);
  if (keys.length === 1 && /^(Ref|Fn::.+)$/.test(keys[0] ?? '')) return resolve(document) as T;
  return Object.fromEntries(
    Object.entries(document).map(([key, entry]) => [key, resolved(entry, resolve)]),
  ) as T;
}
