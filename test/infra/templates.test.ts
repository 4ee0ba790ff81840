import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { parseConfig } from '../../infra/config.ts';
import { approversOf } from '../../lambdas/domain/config.ts';
import { forge, named, only, resources, synthesise } from './forge.ts';
import { evaluate, rightsOf, type Statement } from './policies.ts';

const { tools, environments } = synthesise();
const dev = environments.dev as typeof tools;

const OUTPUT = 'conveyor-output-dev-222222222222';

it('synthesises no resource that the emulator does not know', () => {
  const known = JSON.parse(readFileSync('test/fixtures/emulator-resource-types.json', 'utf8'));
  for (const template of [tools, ...Object.values(environments)])
    for (const [id, { Type }] of resources(template)) expect(known, id).toContain(Type);
});

it('makes repositories whose tags never move, but for signatures', () => {
  for (const template of Object.values(environments)) {
    const repositories = [...resources(template, 'AWS::ECR::Repository').values()];
    expect(repositories.map(({ Properties }) => Properties.RepositoryName).sort()).toEqual(
      Object.values(forge.services)
        .flatMap(({ artifact }) => artifact.image ?? [])
        .sort(),
    );
    for (const { Properties } of repositories)
      expect(Properties).toMatchObject({
        ImageTagMutability: 'IMMUTABLE_WITH_EXCLUSION',
        ImageTagMutabilityExclusionFilters: [
          {
            ImageTagMutabilityExclusionFilterType: 'WILDCARD',
            ImageTagMutabilityExclusionFilterValue: 'sha256-*',
          },
        ],
        ImageScanningConfiguration: { ScanOnPush: true },
      });
  }
});

it('forwards pushes from where releases come from, and from nowhere else', () => {
  const forwarding = Object.entries(environments)
    .filter(([, template]) => resources(template, 'AWS::Events::Rule').size > 0)
    .map(([name]) => name);

  expect(forwarding).toEqual(['dev']);
});

it('makes neither repositories nor a bucket where they exist, but grants and rules all the same', () => {
  const text = readFileSync('examples/forge/conveyor.yaml', 'utf8').replace(
    'promotion: auto\n',
    'promotion: auto\n    repositories: existing\n    releaseBucket: { existing: forge-releases }\n',
  );
  const { environments: existing } = synthesise(parseConfig(text, 'conveyor.yaml'));
  const template = existing.dev as typeof tools;

  const types = [...resources(template).values()].map(({ Type }) => Type);
  expect(types).not.toContain('AWS::ECR::Repository');
  const buckets = [...resources(template, 'AWS::S3::Bucket').values()];
  expect(buckets.map(({ Properties }) => Properties.BucketName)).toEqual([OUTPUT]);
  expect(types).toContain('AWS::Events::Rule');
  const rights = rightsOf(template, 'ConveyorDeployRole-dev');
  const put = (repository: string) =>
    evaluate(rights, {
      principal: 'arn:aws:iam::222222222222:role/ConveyorDeployRole-dev',
      action: 'ecr:PutImage',
      resource: `arn:aws:ecr:us-east-1:222222222222:repository/${repository}`,
    });
  expect(put('forge/payments')).toBe('allowed');
  expect(put('forge/other')).toBe('denied');
}, 30_000);

it('keeps releases encrypted, versioned, unpublic, and only over TLS', () => {
  const bucket = only(
    dev,
    'AWS::S3::Bucket',
    ({ Properties }) => Properties.BucketName === 'conveyor-dev-222222222222-us-east-1',
  );
  expect(bucket.Properties).toMatchObject({
    VersioningConfiguration: { Status: 'Enabled' },
    PublicAccessBlockConfiguration: { BlockPublicAcls: true, RestrictPublicBuckets: true },
    BucketEncryption: expect.anything(),
  });
});

it('keeps what hosts print encrypted, unpublic, only over TLS, and for ninety days', () => {
  const bucket = only(dev, 'AWS::S3::Bucket', ({ Properties }) => Properties.BucketName === OUTPUT);
  expect(bucket.Properties).toMatchObject({
    PublicAccessBlockConfiguration: { BlockPublicAcls: true, RestrictPublicBuckets: true },
    BucketEncryption: expect.anything(),
    LifecycleConfiguration: { Rules: [expect.objectContaining({ ExpirationInDays: 90 })] },
  });
});

it('lets nobody but the deployment subscribe to the topic that carries links', () => {
  const [topic = ''] =
    [...resources(tools, 'AWS::SNS::Topic')].find(
      ([, { Properties }]) => Properties.DisplayName === 'Conveyor approvals',
    ) ?? [];
  const policy = only(tools, 'AWS::SNS::TopicPolicy', ({ Properties }) =>
    Properties.Topics.map(named).includes(topic),
  );
  const subscribe = (principal: string) =>
    evaluate(policy.Properties.PolicyDocument.Statement as Statement[], {
      principal,
      action: 'sns:Subscribe',
      resource: topic,
      context: { 'aws:SecureTransport': 'true' },
    });
  const account = 'arn:aws:iam::111111111111';

  for (const name of ['role/Admin', 'role/conveyor-request-approval', 'user/ana', 'root'])
    expect(subscribe(`${account}:${name}`)).toBe('explicitly denied');
  expect(
    subscribe('arn:aws:iam::999999999999:role/cdk-x-cfn-exec-role-999999999999-us-east-1'),
  ).toBe('explicitly denied');
  // Not denied: CloudFormation's own rights then decide.
  expect(subscribe(`${account}:role/cdk-hnb659fds-cfn-exec-role-111111111111-us-east-1`)).toBe(
    'denied',
  );
});

it('subscribes each approver once, to what is for them', () => {
  const approvers = new Set(
    Object.values(forge.environments).flatMap(({ approval }) =>
      approval ? approversOf(forge, approval) : [],
    ),
  );
  const filtered = [...resources(tools, 'AWS::SNS::Subscription').values()].filter(
    ({ Properties }) => Properties.FilterPolicy !== undefined,
  );

  expect(
    filtered.map(({ Properties }) => [Properties.FilterPolicy.person, Properties.Endpoint]).sort(),
  ).toEqual([...approvers].map((person) => [[person], forge.people[person]?.email]).sort());
});

it('encrypts the topics, and takes only what comes over TLS', () => {
  for (const [id, { Properties }] of resources(tools, 'AWS::SNS::Topic')) {
    expect(Properties.KmsMasterKeyId, id).toBeDefined();
    const policy = only(tools, 'AWS::SNS::TopicPolicy', (of) =>
      of.Properties.Topics.map(named).includes(id),
    );
    expect(
      evaluate(policy.Properties.PolicyDocument.Statement, {
        principal: 'arn:aws:iam::111111111111:role/conveyor-api',
        action: 'sns:Publish',
        resource: id,
        context: { 'aws:SecureTransport': 'false' },
      }),
    ).toBe('explicitly denied');
  }
});

it('logs no execution data, traces, and encrypts executions with the key', () => {
  const machines = [...resources(tools, 'AWS::StepFunctions::StateMachine').values()];
  expect(machines).toHaveLength(3);
  for (const { Properties } of machines)
    expect(Properties).toMatchObject({
      LoggingConfiguration: { IncludeExecutionData: false, Level: 'ALL' },
      TracingConfiguration: { Enabled: true },
      EncryptionConfiguration: { Type: 'CUSTOMER_MANAGED_KMS_KEY', KmsKeyId: expect.anything() },
    });
});

it('keeps the table restorable to a point in time, under the key, with items that may expire', () => {
  expect(only(tools, 'AWS::DynamoDB::Table', () => true).Properties).toMatchObject({
    PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
    SSESpecification: { SSEEnabled: true, SSEType: 'KMS', KMSMasterKeyId: expect.anything() },
    TimeToLiveSpecification: { AttributeName: 'ttl', Enabled: true },
    BillingMode: 'PAY_PER_REQUEST',
  });
});

it('opens the decision page to who has a link, the ingress to who has its secret, and the API to who signs', () => {
  const urls = [...resources(tools, 'AWS::Lambda::Url').values()].map(({ Properties }) => [
    named(Properties.TargetFunctionArn),
    Properties.AuthType,
  ]);
  const open = urls.filter(([, type]) => type === 'NONE').map(([fn]) => fn);
  const permissions = [...resources(tools, 'AWS::Lambda::Permission').values()]
    .filter(({ Properties }) => Properties.Principal === '*')
    .map(({ Properties }) => [named(Properties.FunctionName), Properties.Action]);

  expect(urls).toHaveLength(3);
  expect(open).toEqual([
    expect.stringContaining('DecisionPage'),
    expect.stringContaining('Ingress'),
  ]);
  // Both are needed since October 2025 (Lambda guide, "Control access to Lambda function URLs").
  expect(permissions.sort()).toEqual(
    open.flatMap((fn) => [
      [fn, 'lambda:InvokeFunction'],
      [fn, 'lambda:InvokeFunctionUrl'],
    ]),
  );
  const invokes = [...resources(tools, 'AWS::Lambda::Permission').values()].filter(
    ({ Properties }) =>
      Properties.Principal === '*' && Properties.Action === 'lambda:InvokeFunction',
  );
  expect(invokes.map(({ Properties }) => Properties.InvokedViaFunctionUrl)).toEqual([true, true]);
});

it('lets only the accounts of environments put events, and none of Conveyor’s own sources', () => {
  const policies = [...resources(tools, 'AWS::Events::EventBusPolicy').values()];
  const put = (account: string, source: string) =>
    evaluate(
      policies.map(({ Properties }) => Properties.Statement),
      {
        principal: `arn:aws:iam::${account}:role/any`,
        action: 'events:PutEvents',
        resource: named(policies[0]?.Properties.Statement.Resource),
        context: { 'events:source': source },
      },
    );

  for (const { account } of Object.values(forge.environments)) {
    expect(put(account, 'aws.ecr')).toBe('allowed');
    expect(put(account, 'conveyor.r2')).toBe('denied');
  }
  expect(put('999999999999', 'aws.ecr')).toBe('denied');
});

it('keeps what matters when a stack is deleted', () => {
  const kept = ['AWS::DynamoDB::Table', 'AWS::KMS::Key', 'AWS::ECR::Repository', 'AWS::S3::Bucket'];
  for (const template of [tools, dev])
    for (const type of kept)
      for (const [id, resource] of resources(template, type))
        expect(resource, id).toMatchObject({
          DeletionPolicy: 'Retain',
          UpdateReplacePolicy: 'Retain',
        });
});
