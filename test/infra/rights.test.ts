import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { bundleInputs, entryPoints } from '../../infra/support/bundle.ts';
import { environmentNames, named, resources, synthesise } from './forge.ts';
import { actionsOf, evaluate, resourcesOf, rightsOf, type Statement } from './policies.ts';

const { tools, environments } = synthesise();
const functions = [...entryPoints().keys()];
const EVERY_FUNCTION = /^(logs:(CreateLogStream|PutLogEvents)|xray:)/;

/** AWS offers nothing narrower than `*` for these (service authorization reference). */
const ANY_RESOURCE = new Set([
  'ec2:DescribeInstances',
  'ecr:GetAuthorizationToken',
  'ssm:CancelCommand',
  'ssm:DescribeInstanceInformation',
  'ssm:ListCommandInvocations',
  'ssm:ListCommands',
  'xray:PutTraceSegments',
  'xray:PutTelemetryRecords',
  'xray:GetSamplingRules',
  'xray:GetSamplingTargets',
  'logs:CreateLogDelivery',
  'logs:GetLogDelivery',
  'logs:UpdateLogDelivery',
  'logs:DeleteLogDelivery',
  'logs:ListLogDeliveries',
  'logs:PutResourcePolicy',
  'logs:DescribeResourcePolicies',
  'logs:DescribeLogGroups',
]);

const isTokenStatement = ({ Condition }: Statement) =>
  Condition?.StringLike?.['kms:EncryptionContext:promotion'] !== undefined;

/** KMS told apart by what it is for: the table, topics and executions use the same key, through their services. */
function rightNames(statement: Statement): string[] {
  return actionsOf(statement)
    .filter((action) => !EVERY_FUNCTION.test(action))
    .filter((action) => !action.startsWith('kms:') || isTokenStatement(statement))
    .map((action) => (action.startsWith('kms:') ? `${action} (tokens)` : action));
}

it('gives each function the rights that it uses; another one is a change of this list', () => {
  const rights = functions.map((name) => [
    name,
    [...new Set(rightsOf(tools, `conveyor-${name}`).flatMap(rightNames))].sort().join(' '),
  ]);

  const reading = 'dynamodb:GetItem';
  const rw = `${reading} dynamodb:PutItem dynamodb:Query`;
  const rwd = `dynamodb:DeleteItem ${rw}`;
  const opens = 'kms:Decrypt (tokens)';
  const starts = 'states:SendTaskSuccess states:StartExecution';
  const config = 'ssm:GetParametersByPath';
  const secret = 'ssm:GetParameter';
  const store = 's3:GetObject s3:ListBucket';
  const marks = 's3:GetObjectTagging s3:ListBucket s3:PutObjectTagging';
  const tagged = 's3:GetObject s3:GetObjectTagging s3:ListBucket s3:PutObjectTagging';
  expect(Object.fromEntries(rights)).toEqual({
    api: `${rw} ${opens} ${secret} ${config} ${starts}`,
    'check-gates': `${rw} ${secret} ${config}`,
    'copy-image': `${rw} sts:AssumeRole`,
    'copy-tarball': `${rw} ${tagged} ${secret} ${config} sts:AssumeRole`,
    'decision-page': `${rw} ${opens} ${secret} ${config} states:SendTaskSuccess`,
    'deploy-hosts': `${rw} ${secret} ${config} sts:AssumeRole`,
    'expire-approval': `${reading} dynamodb:Query ${opens} sqs:GetQueueAttributes sqs:GetQueueUrl sqs:SendMessage states:SendTaskSuccess`,
    'finish-promotion': `${rwd} ${opens} scheduler:DeleteSchedule sns:Publish ${secret} ${config} ${starts}`,
    'image-pushed': `${rw} ${opens} sqs:GetQueueAttributes sqs:GetQueueUrl sqs:SendMessage ${config} ${starts}`,
    ingress: `${reading} dynamodb:PutItem events:PutEvents ${secret}`,
    'mend-line': `${rwd} ${opens} scheduler:DeleteSchedule sns:Publish ${secret} ${config} states:DescribeExecution ${starts} sts:AssumeRole`,
    'object-uploaded': `${rw} ${opens} ${store} sqs:GetQueueAttributes sqs:GetQueueUrl sqs:SendMessage ${secret} ${config} ${starts}`,
    'observe-argocd': `${rw} ${secret} ${config}`,
    'park-turn': `${rw} kms:Encrypt (tokens) states:SendTaskSuccess`,
    'plan-sweep': config,
    provision: `${rw} ssm:DeleteParameter ${secret} ${config} ssm:PutParameter sts:AssumeRole`,
    'request-approval': `${rw} iam:PassRole kms:Encrypt (tokens) scheduler:CreateSchedule sns:Publish ${secret} ${config} states:SendTaskSuccess`,
    'retain-releases': `${reading} dynamodb:Query ${marks} sqs:GetQueueAttributes sqs:GetQueueUrl sqs:SendMessage ${secret} ${config}`,
    'sweep-hosts': `${rw} ${opens} sns:Publish ${secret} ${config} ${starts} sts:AssumeRole`,
    'sweep-source': `${rw} ${opens} ${store} ${secret} ${config} ${starts} sts:AssumeRole`,
    'take-turn': rwd,
    'update-ledger': `${rw} ${secret} ${config}`,
    'verify-image': `${rw} sts:AssumeRole`,
    'verify-tarball': `${rw} sts:AssumeRole`,
  });
});

it('has no action with a wildcard, and * as a resource only where AWS has nothing narrower', () => {
  for (const template of [tools, ...Object.values(environments)])
    for (const [id, policy] of resources(template, 'AWS::IAM::Policy'))
      for (const statement of policy.Properties.PolicyDocument.Statement as Statement[]) {
        for (const action of actionsOf(statement)) expect(action, id).not.toContain('*');
        if (resourcesOf(statement).includes('*'))
          for (const action of actionsOf(statement)) expect(ANY_RESOURCE, id).toContain(action);
      }
});

it('lets the key be used only through the services that hold the data, or for tokens of a promotion', () => {
  for (const name of functions)
    for (const statement of rightsOf(tools, `conveyor-${name}`)) {
      if (!actionsOf(statement).some((action) => action.startsWith('kms:'))) continue;
      const equals = statement.Condition?.StringEquals ?? {};
      const bound =
        equals['kms:ViaService'] ?? equals['kms:EncryptionContext:aws:states:stateMachineArn'];
      expect(bound !== undefined || isTokenStatement(statement), name).toBe(true);
    }
});

it('seals and opens tokens under the name of their promotion alone', () => {
  const [key = ''] = resources(tools, 'AWS::KMS::Key').keys();
  const principal = 'arn:aws:iam::111111111111:role/conveyor-finish-promotion';
  const open = (context: Record<string, string>) =>
    evaluate(rightsOf(tools, 'conveyor-finish-promotion'), {
      principal,
      action: 'kms:Decrypt',
      resource: key,
      context,
    });

  expect(open({ 'kms:EncryptionContext:promotion': 'p_01' })).toBe('allowed');
  expect(open({})).toBe('denied');
  expect(open({ 'kms:EncryptionContext:promotion': 'x' })).toBe('denied');
});

it('names each environment role once, for tools and environment alike', () => {
  for (const environment of environmentNames) {
    const roles = [...resources(tools, 'AWS::IAM::Policy').values()].flatMap((policy) =>
      (policy.Properties.PolicyDocument.Statement as Statement[])
        .filter((statement) => actionsOf(statement).includes('sts:AssumeRole'))
        .flatMap(resourcesOf),
    );
    expect(roles.some((role) => role.endsWith(`:role/ConveyorDeployRole-${environment}`))).toBe(
      true,
    );
  }
});

it('gives each function exactly the variables that its code asks for', () => {
  for (const name of functions) {
    const asked = [...bundleInputs(name)]
      .filter(([file, bytes]) => file.startsWith('lambdas/') && bytes > 0)
      .flatMap(([file]) => [...readFileSync(file, 'utf8').matchAll(/readEnv\(\{([^}]*)\}/g)])
      .flatMap(([, shape = '']) => [...shape.matchAll(/(\w+):/g)].map((match) => match[1] ?? ''))
      .filter((variable) => !variable.startsWith('AWS_'));
    const fn = [...resources(tools, 'AWS::Lambda::Function').values()].find(
      ({ Properties }) => Properties.FunctionName === `conveyor-${name}`,
    );
    const given = Object.keys(fn?.Properties.Environment.Variables);

    expect(given.sort(), name).toEqual([...new Set(['POWERTOOLS_SERVICE_NAME', ...asked])].sort());
  }
});

it('carries the client of a service exactly where the role may use that service', () => {
  const CLIENTS: Record<string, RegExp> = {
    'client-dynamodb': /^dynamodb:/,
    'client-ssm': /^ssm:/,
    'client-sfn': /^states:/,
    'client-sns': /^sns:/,
    'client-scheduler': /^scheduler:/,
    'client-sts': /^sts:/,
    'client-kms': /^kms:.*tokens/,
    'client-eventbridge': /^events:/,
    // These are called as the role assumed, of images and of tarballs, or with R2's own key.
    'client-ecr': /^sts:/,
    'client-s3': /^(sts|s3):/,
    'client-ec2': /^sts:/,
  };
  const NEVER: Readonly<Record<string, RegExp>> = {
    'client-ecr': /tarball|hosts|provision|mend/,
    'client-s3': /image|hosts|provision|mend/,
    'client-ec2': /image|tarball|sweep-source|mend/,
  };
  for (const name of functions) {
    const carried = new Set(
      [...bundleInputs(name)]
        .filter(([, bytes]) => bytes > 0)
        .flatMap(([file]) => /^node_modules\/@aws-sdk\/(client-[\w-]+)\//.exec(file)?.[1] ?? []),
    );
    const rights = rightsOf(tools, `conveyor-${name}`).flatMap(rightNames);
    const usable = Object.keys(CLIENTS).filter(
      (client) =>
        NEVER[client]?.test(name) !== true && rights.some((right) => CLIENTS[client]?.test(right)),
    );
    expect([...carried].sort(), name).toEqual(usable.sort());
  }
});

it('passes nobody but the scheduler the role that alarms ring by', () => {
  const passing = rightsOf(tools, 'conveyor-request-approval').filter((statement) =>
    actionsOf(statement).includes('iam:PassRole'),
  );

  expect(passing.map(({ Condition }) => Condition)).toEqual([
    { StringEquals: { 'iam:PassedToService': 'scheduler.amazonaws.com' } },
  ]);
  expect(passing.flatMap(resourcesOf).map(named)).toHaveLength(1);
});
