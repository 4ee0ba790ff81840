import { describe, it } from 'vitest';
import {
  accountOf,
  accounts,
  deployRole,
  holds,
  ordinary,
  powerful,
  ROLES,
  STRANGER,
  services,
  TOOLS,
} from '../callers.ts';
import { environmentNames, forge } from '../forge.ts';
import type { World } from '../world.ts';

export function environments(world: World): void {
  describe('in an environment', () => {
    const ACTIONS = [
      'BatchCheckLayerAvailability',
      'BatchGetImage',
      'CompleteLayerUpload',
      'DescribeImages',
      'GetDownloadUrlForLayer',
      'InitiateLayerUpload',
      'PutImage',
      'UploadLayerPart',
    ].map((action) => `ecr:${action}`);
    const others = [
      'ecr:BatchDeleteImage',
      'ecr:CreateRepository',
      'ecr:DeleteRepository',
      'ecr:DeleteRepositoryPolicy',
      'ecr:PutImageTagMutability',
      'ecr:PutLifecyclePolicy',
      'ecr:PutReplicationConfiguration',
      'ecr:SetRepositoryPolicy',
      'ecr:TagResource',
      'iam:CreateAccessKey',
      'iam:PassRole',
      'iam:PutRolePolicy',
      's3:GetObject',
      'ssm:SendCommand',
      'sts:AssumeRole',
    ];

    for (const environment of environmentNames)
      it(`the repositories of ${environment} are its deploy role’s, and no other’s (T13)`, () => {
        const repository = (account: string, name: string) =>
          `arn:aws:ecr:us-east-1:${account}:repository/${name}`;
        const own = Object.values(forge.services).map(({ artifact }) =>
          repository(accountOf(environment), artifact.image),
        );
        const elsewhere = accounts
          .filter((account) => account !== accountOf(environment))
          .map((account) => repository(account, 'forge/payments'));

        holds(
          world,
          {
            callers: [
              { principal: deployRole(environment) },
              ...ordinary(world).filter(({ principal }) => principal.includes(`:${TOOLS}:`)),
              ...environmentNames
                .filter((other) => other !== environment)
                .map((other) => ({ principal: deployRole(other) })),
              ...powerful(
                ROLES,
                accounts.filter((account) => account !== accountOf(environment)),
              ).filter(
                ({ principal }) =>
                  !elsewhere.some((arn) => arn.includes(principal.split(':')[4] ?? '')),
              ),
            ],
            actions: [...ACTIONS, ...others],
            resources: [
              ...own,
              repository(accountOf(environment), 'forge/other'),
              repository(accountOf(environment), 'forge/payments/x'),
              repository(accountOf(environment), 'other'),
            ],
            right: ({ principal, action, resource }) =>
              principal === deployRole(environment) &&
              ACTIONS.includes(action) &&
              own.includes(resource),
          },
          ACTIONS.length * own.length,
        );
      });

    it('its registry is logged in to by its deploy role alone (T13)', () => {
      const [account, ...others] = accounts;

      holds(
        world,
        {
          callers: [...ordinary(world), ...powerful(ROLES, others)],
          actions: ['GetAuthorizationToken', 'CreateRepository', 'PutRegistryPolicy'].map(
            (action) => `ecr:${action}`,
          ),
          resources: [`arn:aws:ecr:us-east-1:${account}:any`],
          contexts: [{}, { 'aws:SourceAccount': TOOLS }],
          right: ({ principal, action }) =>
            action === 'ecr:GetAuthorizationToken' && principal === deployRole('dev'),
        },
        2,
      );
    });

    it('no release can be read or written yet by anybody, whatever their own account lets them (T13)', () => {
      for (const [bucket, account] of world.buckets)
        holds(
          world,
          {
            callers: [
              ...ordinary(world),
              ...powerful(
                ROLES,
                accounts.filter((other) => other !== account),
              ),
            ],
            actions: ['s3:GetObject', 's3:PutObject', 's3:DeleteObject', 's3:PutBucketPolicy'],
            resources: [bucket, `${bucket}/payments/abc.tar.gz`],
            right: () => false,
          },
          0,
        );
    });

    it('what could not be delivered lies where that rule alone may put it (T2)', () => {
      const account = accountOf('dev');
      const queue = `arn:aws:sqs:us-east-1:${account}:EnvironmentUndelivered3B44B7E9`;
      const rule = `arn:aws:events:us-east-1:${account}:rule/EnvironmentPushes41E4B4AB`;

      holds(
        world,
        {
          callers: [...ordinary(world), ...services, ...powerful(ROLES, [TOOLS, STRANGER])],
          actions: ['sqs:SendMessage', 'sqs:ReceiveMessage', 'sqs:DeleteQueue'],
          resources: [queue],
          contexts: [
            {},
            { 'aws:SourceArn': rule },
            { 'aws:SourceArn': rule, 'aws:SecureTransport': 'false' },
            { 'aws:SourceArn': rule.replace(account, STRANGER) },
            { 'aws:SourceArn': `${rule}2` },
          ],
          right: ({ principal, action, context }) =>
            principal === 'events.amazonaws.com' &&
            action === 'sqs:SendMessage' &&
            context?.['aws:SourceArn'] === rule &&
            context['aws:SecureTransport'] === 'true',
        },
        1,
      );
    });
  });
}
