import { expect, it } from 'vitest';
import { environmentNames, forge, only, synthesise } from './forge.ts';
import { evaluate, rightsOf, type Statement } from './policies.ts';

const TOOLS = forge.tools.account;
const CALLERS = [
  ...['copy-image', 'verify-image', 'copy-tarball', 'verify-tarball', 'sweep-source'],
  'deploy-hosts',
];
const { tools, environments } = synthesise();

const roleArn = (account: string, name: string) => `arn:aws:iam::${account}:role/${name}`;
const deployRole = (environment: string) =>
  roleArn(accountOf(environment), `ConveyorDeployRole-${environment}`);
const accountOf = (environment: string) =>
  String(forge.environments[environment as keyof typeof forge.environments]?.account);
const externalId = (environment: string) => `conveyor:${TOOLS}:${environment}`;

function trustOf(environment: string): Statement[] {
  const template = environments[environment];
  if (template === undefined) throw new Error(environment);
  const role = only(
    template,
    'AWS::IAM::Role',
    ({ Properties }) => Properties.RoleName === `ConveyorDeployRole-${environment}`,
  );
  return role.Properties.AssumeRolePolicyDocument.Statement;
}

function assume(environment: string, principal: string, id: string | undefined) {
  return evaluate(trustOf(environment), {
    principal,
    action: 'sts:AssumeRole',
    resource: deployRole(environment),
    ...(id !== undefined && { context: { 'sts:ExternalId': id } }),
  });
}

it('lets exactly the six functions that act in environments assume the deploy role (T1)', () => {
  for (const environment of environmentNames)
    for (const name of CALLERS) {
      const call = { action: 'sts:AssumeRole', resource: deployRole(environment) };
      const principal = roleArn(TOOLS, `conveyor-${name}`);

      expect(assume(environment, principal, externalId(environment))).toBe('allowed');
      expect(evaluate(rightsOf(tools, `conveyor-${name}`), { ...call, principal })).toBe('allowed');
    }
});

it('lets nobody else: other roles, accounts, environments, external ids (T1)', () => {
  const others = [
    ...['image-pushed', 'take-turn', 'park-turn', 'check-gates', 'observe-argocd', 'update-ledger'],
    ...['finish-promotion', 'request-approval', 'decision-page', 'expire-approval', 'api'],
    ...[
      'plan-sweep',
      'object-uploaded',
      'ingress',
      'machine-promote',
      'machine-sweep',
      'copy-image-2',
      'copy',
    ],
  ].map((name) => roleArn(TOOLS, `conveyor-${name}`));
  const strangers = [
    ...others,
    roleArn(TOOLS, 'Admin'),
    roleArn(TOOLS, 'copy-image'),
    roleArn(TOOLS, 'path/conveyor-copy-image'),
    roleArn(TOOLS, 'Conveyor-Copy-Image'),
    `arn:aws:iam::${TOOLS}:user/conveyor-copy-image`,
    `arn:aws:iam::${TOOLS}:root`,
    ...['999999999999', ...environmentNames.map(accountOf)].flatMap((account) => [
      ...CALLERS.map((name) => roleArn(account, `conveyor-${name}`)),
      roleArn(account, 'Admin'),
    ]),
  ];
  let tried = 0;
  for (const environment of environmentNames) {
    const right = externalId(environment);
    const wrong = [
      undefined,
      '',
      'conveyor',
      right.toUpperCase(),
      `${right} `,
      `${right}*`,
      `conveyor:999999999999:${environment}`,
      `conveyor:${accountOf(environment)}:${environment}`,
      ...environmentNames.filter((other) => other !== environment).map(externalId),
    ];
    for (const principal of strangers)
      for (const id of [right, undefined, ...wrong]) {
        expect(assume(environment, principal, id), `${principal} ${id}`).toBe('denied');
        tried++;
      }
    for (const name of CALLERS)
      for (const id of wrong) {
        expect(assume(environment, roleArn(TOOLS, `conveyor-${name}`), id)).toBe('denied');
        tried++;
      }
  }
  expect(tried).toBeGreaterThan(200);
});

it('gives no function but those nine a way into another account', () => {
  for (const name of [
    ...['finish-promotion', 'api', 'image-pushed', 'object-uploaded', 'ingress'],
    'update-ledger',
  ])
    for (const environment of environmentNames)
      expect(
        evaluate(rightsOf(tools, `conveyor-${name}`), {
          principal: roleArn(TOOLS, `conveyor-${name}`),
          action: 'sts:AssumeRole',
          resource: deployRole(environment),
        }),
      ).toBe('denied');
});

const images = Object.values(forge.services).filter(({ artifact }) => artifact.image !== undefined);

it('can do exactly what a promotion does, in the repositories and the bucket of its environment (T13)', () => {
  for (const environment of environmentNames) {
    const template = environments[environment];
    const rights = template && rightsOf(template, `ConveyorDeployRole-${environment}`);
    expect(rights?.map(({ Action, Resource }) => [Action, Resource])).toEqual([
      ['ecr:GetAuthorizationToken', '*'],
      [
        [
          'ecr:BatchCheckLayerAvailability',
          'ecr:BatchGetImage',
          'ecr:CompleteLayerUpload',
          'ecr:DescribeImages',
          'ecr:GetDownloadUrlForLayer',
          'ecr:InitiateLayerUpload',
          'ecr:PutImage',
          'ecr:UploadLayerPart',
        ],
        images.map(() => ({ 'Fn::GetAtt': [expect.stringMatching(/Repository/), 'Arn'] })),
      ],
      [
        ['s3:AbortMultipartUpload', 's3:GetObject', 's3:ListMultipartUploadParts', 's3:PutObject'],
        { 'Fn::Join': ['', [{ 'Fn::GetAtt': [expect.stringMatching(/Releases/), 'Arn'] }, '/*']] },
      ],
      [
        ['s3:ListBucket', 's3:ListBucketMultipartUploads'],
        { 'Fn::GetAtt': [expect.stringMatching(/Releases/), 'Arn'] },
      ],
      ['s3:GetObject', expect.anything()],
      ...['Systemd', 'Compose'].flatMap((kind) => [
        ['ssm:SendCommand', expect.stringContaining(`document/Conveyor-Deploy${kind}`)],
        ['ssm:SendCommand', expect.stringContaining('instance/*')],
      ]),
      ['ssm:SendCommand', expect.stringContaining('document/Conveyor-Provision')],
      [
        [
          'ec2:DescribeInstances',
          'ssm:CancelCommand',
          'ssm:DescribeInstanceInformation',
          'ssm:ListCommandInvocations',
          'ssm:ListCommands',
        ],
        '*',
      ],
    ]);
  }
});
