import { describe, it } from 'vitest';
import {
  accounts,
  arn,
  functionRole,
  holds,
  made,
  ordinary,
  powerful,
  ROLES,
  roleArn,
  STRANGER,
  services,
  TOOLS,
} from '../callers.ts';
import type { World } from '../world.ts';

export function topics(world: World): void {
  const everybody = [...ordinary(world), ...powerful(ROLES), ...services];
  describe('of the topics and queues', () => {
    const approvals = made(world, 'sns', 'Approvals');
    const notices = made(world, 'sns', 'Notices');
    const queue = made(world, 'sqs', 'DeadLetters');

    it('links are published by who asks, notices by who ends promotions and by alarms (T4)', () => {
      holds(
        world,
        {
          callers: everybody,
          actions: [
            'Publish',
            'Subscribe',
            'AddPermission',
            'SetTopicAttributes',
            'DeleteTopic',
          ].map((action) => `sns:${action}`),
          resources: [approvals, notices],
          contexts: [
            { 'aws:SourceAccount': TOOLS },
            { 'aws:SourceAccount': STRANGER },
            { 'aws:SecureTransport': 'false' },
          ],
          right: ({ principal, action, resource, context }) => {
            if (action !== 'sns:Publish' || context?.['aws:SecureTransport'] !== 'true')
              return false;
            if (resource === approvals) return principal === functionRole('request-approval');
            if (principal === 'cloudwatch.amazonaws.com')
              return context['aws:SourceAccount'] === TOOLS;
            return ['finish-promotion', 'mend-line', 'sweep-hosts']
              .map(functionRole)
              .includes(principal);
          },
        },
        2 + 1 + 2 * 3,
      );
    });

    it('nobody subscribes to the links, not even an administrator of the account (T4)', () => {
      const deployment = roleArn(TOOLS, `cdk-hnb659fds-cfn-exec-role-${TOOLS}-us-east-1`);
      const lookalikes = [
        deployment,
        `cdk-x-cfn-exec-role-${STRANGER}-us-east-1`,
        'cdk-cfn-exec',
      ].flatMap((name) => powerful([name.replace(/^.*\//, '')], [TOOLS, ...accounts]));

      holds(
        world,
        {
          callers: [...everybody, ...lookalikes],
          actions: ['sns:Subscribe'],
          resources: [approvals],
          contexts: [{}, { 'aws:SourceAccount': TOOLS }],
          right: ({ principal }) => principal === deployment,
        },
        2,
      );
    });

    it('dead letters come from the rules, the alarms and the four functions called asynchronously (T2)', () => {
      const rules = [
        'ConveyorIntakePushes49286948',
        'ConveyorIntakeIngressUploadsADC4275A',
        'ConveyorStoreUploads369CE270',
        'ConveyorSweepRetention6767CB44',
        'ConveyorSweepSchedule29F69287',
      ].map((id) => arn('events', `rule/${id}`));
      const writers = [
        functionRole('image-pushed'),
        functionRole('object-uploaded'),
        functionRole('retain-releases'),
        functionRole('expire-approval'),
        roleArn(TOOLS, 'ConveyorApprovalAlarmRole7ECF3931'),
      ];

      holds(
        world,
        {
          callers: everybody,
          actions: [
            'sqs:SendMessage',
            'sqs:GetQueueUrl',
            'sqs:GetQueueAttributes',
            'sqs:ReceiveMessage',
            'sqs:DeleteMessage',
            'sqs:PurgeQueue',
            'sqs:SetQueueAttributes',
          ],
          resources: [queue],
          contexts: [
            {},
            ...rules.map((rule) => ({ 'aws:SourceArn': rule })),
            { 'aws:SourceArn': rules[0]?.replace(TOOLS, STRANGER) ?? '' },
            { 'aws:SecureTransport': 'false' },
          ],
          right: ({ principal, action, context }) => {
            if (context?.['aws:SecureTransport'] !== 'true') return false;
            if (/^sqs:GetQueue/.test(action)) return writers.slice(0, 4).includes(principal);
            if (action !== 'sqs:SendMessage') return false;
            return (
              writers.includes(principal) ||
              (principal === 'events.amazonaws.com' &&
                rules.includes(context['aws:SourceArn'] ?? ''))
            );
          },
        },
        5 * 7 + 5 + 4 * 2 * 7,
      );
    });
  });
}
