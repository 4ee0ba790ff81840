import type { Template } from 'aws-cdk-lib/assertions';
import { arnsOf, type Place, resolved, resolver } from './arns.ts';
import { forge, resources, type Synthesised } from './forge.ts';
import type { Statement } from './policies.ts';

export interface Identity {
  readonly statements: readonly Statement[];
  /** Where there is one, what it does not allow is not allowed. */
  readonly boundary?: readonly Statement[];
}

/** Every policy of the templates, by the ARN of whom it is attached to; who is not in it has no rights here. */
export interface World {
  readonly identities: ReadonlyMap<string, Identity>;
  /** Bus, key, queue, topic, bucket and function policies, and roles' trust. */
  readonly policies: ReadonlyMap<string, readonly Statement[]>;
  /** Buckets' accounts, which their ARNs do not tell. */
  readonly buckets: ReadonlyMap<string, string>;
}

export function worldOf({ tools, environments }: Synthesised): World {
  const places: [Template, Place][] = [
    [tools, forge.tools],
    ...Object.entries(environments).map(([name, template]): [Template, Place] => [
      template,
      forge.environments[name as keyof typeof forge.environments] as Place,
    ]),
  ];
  return {
    identities: new Map(places.flatMap(([template, place]) => identitiesOf(template, place))),
    policies: new Map(places.flatMap(([template, place]) => policiesOf(template, place))),
    buckets: new Map(
      places.flatMap(([template, place]) =>
        [...arnsOf(template, place).values()]
          .filter((arn) => arn.startsWith('arn:aws:s3:::'))
          .map((arn) => [arn, place.account] as const),
      ),
    ),
  };
}

function identitiesOf(template: Template, place: Place): [string, Identity][] {
  const resolve = resolver(template, place);
  const arns = arnsOf(template, place);
  return [...resources(template, 'AWS::IAM::Role')].map(([id, { Properties }]) => {
    for (const property of ['ManagedPolicyArns', 'Policies', 'PermissionsBoundary'])
      if (Properties[property] !== undefined)
        throw new Error(`${id} has ${property}, which is not looked at here`);
    const statements = [...resources(template, 'AWS::IAM::Policy').values()]
      .filter((policy) => policy.Properties.Roles.some((role: { Ref: string }) => role.Ref === id))
      .flatMap((policy): Statement[] =>
        resolved(policy.Properties.PolicyDocument.Statement, resolve),
      );
    return [arns.get(id) ?? id, { statements }];
  });
}

function policiesOf(template: Template, place: Place): [string, Statement[]][] {
  const resolve = resolver(template, place);
  const arns = arnsOf(template, place);
  const found: [string, Statement[]][] = [];
  for (const [id, { Type, Properties }] of resources(template)) {
    const attach = (to: unknown, statements: unknown) =>
      found.push([resolve(to), resolved(statements, resolve) as Statement[]]);
    const here = arns.get(id);
    const arnOf = (logicalId: { Ref: string }) => arns.get(logicalId.Ref);
    if (Type === 'AWS::IAM::Role') attach(here, Properties.AssumeRolePolicyDocument.Statement);
    if (Type === 'AWS::KMS::Key') attach(here, Properties.KeyPolicy.Statement);
    if (Type === 'AWS::S3::BucketPolicy')
      attach(arnOf(Properties.Bucket), Properties.PolicyDocument.Statement);
    if (Type === 'AWS::Events::EventBusPolicy')
      attach(arnOf(Properties.EventBusName), [Properties.Statement]);
    if (Type === 'AWS::Lambda::Permission')
      attach(Properties.FunctionName, [permission(Properties)]);
    if (/^AWS::(SQS::Queue|SNS::Topic)Policy$/.test(Type))
      for (const to of Properties.Queues ?? Properties.Topics)
        attach(arnOf(to), Properties.PolicyDocument.Statement);
    if (/^AWS::(ECR::Repository|DynamoDB::Table|SSM::Parameter)$/.test(Type))
      for (const property of ['RepositoryPolicyText', 'ResourcePolicy'])
        if (Properties[property] !== undefined)
          throw new Error(`${id} has a ${property}, which is not looked at here`);
  }
  const together = new Map<string, Statement[]>();
  for (const [arn, statements] of found)
    together.set(arn, [...(together.get(arn) ?? []), ...statements]);
  return [...together];
}

const PERMISSION = [
  'Action',
  'FunctionName',
  'Principal',
  'SourceArn',
  'FunctionUrlAuthType',
  'InvokedViaFunctionUrl',
];

/** The statement that Lambda makes of a permission (Lambda guide, "Resource-based policies"). */
function permission(of: Record<string, unknown>): object {
  const unknown = Object.keys(of).filter((property) => !PERMISSION.includes(property));
  if (unknown.length > 0) throw new Error(`Not looked at here: ${unknown.join(', ')}`);
  const condition = {
    ...(of.SourceArn !== undefined && { ArnLike: { 'aws:SourceArn': of.SourceArn } }),
    ...(of.FunctionUrlAuthType !== undefined && {
      StringEquals: { 'lambda:FunctionUrlAuthType': of.FunctionUrlAuthType },
    }),
    ...(of.InvokedViaFunctionUrl !== undefined && {
      Bool: { 'lambda:InvokedViaFunctionUrl': String(of.InvokedViaFunctionUrl) },
    }),
  };
  return {
    Effect: 'Allow',
    Principal: of.Principal === '*' ? '*' : { Service: of.Principal },
    Action: of.Action,
    Resource: of.FunctionName,
    Condition: condition,
  };
}
