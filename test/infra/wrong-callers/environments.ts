import { describe, it } from 'vitest';
import {
  accountOf,
  accounts,
  byRole,
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
        const own = Object.values(forge.services).flatMap(({ artifact: { image } }) =>
          image === undefined ? [] : repository(accountOf(environment), image),
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

    it('releases are read and written by their environment’s role, read in the store by who takes in and copies, deleted by nobody (T13)', () => {
      const inStore = byRole({
        'copy-tarball': ['s3:GetObject', 's3:GetObjectTagging', 's3:PutObjectTagging'],
        'object-uploaded sweep-source': ['s3:GetObject'],
        'retain-releases': ['s3:GetObjectTagging', 's3:PutObjectTagging'],
      });
      const listing = byRole({
        'copy-tarball object-uploaded retain-releases sweep-source': ['s3:ListBucket'],
      });
      const own = ['AbortMultipartUpload', 'GetObject', 'ListMultipartUploadParts', 'PutObject'];
      const ownBucket = ['s3:ListBucket', 's3:ListBucketMultipartUploads'];
      for (const [bucket, account] of world.buckets) {
        const isStore = account === TOOLS;
        // What scripts print is the hosts' to write and people's to read: nobody's here.
        const isOutput = bucket.startsWith('arn:aws:s3:::conveyor-output-');
        const object = `${bucket}/relay/abc.tar.gz`;
        const role = environmentNames.find((name) => accountOf(name) === account);
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
            actions: [
              ...own.map((action) => `s3:${action}`),
              ...ownBucket,
              ...['s3:GetObjectTagging', 's3:PutObjectTagging', 's3:DeleteObject'],
              ...['s3:DeleteObjectVersion', 's3:PutBucketPolicy', 's3:PutLifecycleConfiguration'],
            ],
            resources: [bucket, object],
            right: (call) => {
              const { principal, action, resource } = call;
              if (isOutput) return false;
              if (isStore)
                return resource === object
                  ? inStore(call) ||
                      (action === 's3:GetObject' &&
                        environmentNames.map(deployRole).includes(principal))
                  : listing(call);
              if (role === undefined || principal !== deployRole(role)) return false;
              return resource === object
                ? own.includes(action.slice('s3:'.length))
                : ownBucket.includes(action);
            },
          },
          // The role of qa is among the powerful ones as well.
          isStore
            ? 3 + 2 + 2 + environmentNames.length + 1 + 4
            : isOutput
              ? 0
              : own.length + ownBucket.length,
        );
      }
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
