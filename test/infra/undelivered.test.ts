import { readFileSync } from 'node:fs';
import type { CreateScheduleCommandInput, SchedulerClient } from '@aws-sdk/client-scheduler';
import type { Template } from 'aws-cdk-lib/assertions';
import { expect, it } from 'vitest';
import { SchedulerAlarms } from '../../lambdas/adapters/scheduler-alarms.ts';
import { named, only, resources, synthesise } from './forge.ts';
import { evaluate, type Statement } from './policies.ts';

const { tools, environments } = synthesise();
const everywhere = { tools, ...environments };

function maySend(template: Template, queue: string, rule: string) {
  const policy = only(template, 'AWS::SQS::QueuePolicy', ({ Properties }) =>
    Properties.Queues.map(named).includes(queue),
  );
  return evaluate(policy.Properties.PolicyDocument.Statement as Statement[], {
    principal: 'events.amazonaws.com',
    action: 'sqs:SendMessage',
    resource: queue,
    context: { 'aws:SourceArn': rule, 'aws:SecureTransport': 'true' },
  });
}

it('tries each event again, and keeps what found no taker', () => {
  let targets = 0;
  for (const template of Object.values(everywhere))
    for (const [id, rule] of resources(template, 'AWS::Events::Rule'))
      for (const target of rule.Properties.Targets) {
        expect(target.RetryPolicy?.MaximumRetryAttempts, id).toBeGreaterThanOrEqual(3);
        expect(target.RetryPolicy?.MaximumEventAgeInSeconds, id).toBeGreaterThanOrEqual(3_600);
        expect(maySend(template, named(target.DeadLetterConfig.Arn), id), id).toBe('allowed');
        targets++;
      }
  // Pushes, uploads to S3 and to R2, what provisioning is told, the schedules of sweep, retention and three environments'
  // provisioning here; the forwarding where releases come from.
  expect(targets).toBe(10);
});

it('lets no rule of anybody else write into a dead-letter queue', () => {
  for (const template of Object.values(everywhere))
    for (const [queue] of resources(template, 'AWS::SQS::Queue'))
      expect(maySend(template, queue, 'AnotherRule')).toBe('denied');
});

it('keeps what an asynchronously called function failed at three times', () => {
  const scheduled = only(tools, 'AWS::IAM::Role', ({ Properties }) =>
    JSON.stringify(Properties.AssumeRolePolicyDocument).includes('scheduler.'),
  );
  expect(scheduled.Properties.AssumeRolePolicyDocument.Statement[0].Condition).toEqual({
    StringEquals: { 'aws:SourceAccount': '111111111111' },
  });
  const byEvents = [...resources(tools, 'AWS::Lambda::Permission').values()]
    .filter(({ Properties }) => Properties.Principal === 'events.amazonaws.com')
    .map(({ Properties }) => named(Properties.FunctionName));
  const byAlarm = [...resources(tools, 'AWS::IAM::Policy').values()]
    .filter(({ Properties }) =>
      Properties.Roles.map(named).some((role: string) => role.includes('AlarmRole')),
    )
    .flatMap(({ Properties }) => Properties.PolicyDocument.Statement)
    .filter(({ Action }) => Action === 'lambda:InvokeFunction')
    .map(({ Resource }) => named(Resource));
  const called = [...new Set([...byEvents, ...byAlarm])];
  const [queue = ''] = resources(tools, 'AWS::SQS::Queue').keys();

  expect(called).toHaveLength(4);
  for (const fn of called) {
    const config = only(
      tools,
      'AWS::Lambda::EventInvokeConfig',
      ({ Properties }) => named(Properties.FunctionName) === fn,
    );
    expect(config.Properties.MaximumRetryAttempts).toBe(2);
    expect(named(config.Properties.DestinationConfig.OnFailure.Destination)).toBe(queue);
  }
});

it('tells people when anything lies in the dead-letter queue, and where it is written what to do', () => {
  const [queue = ''] = resources(tools, 'AWS::SQS::Queue').keys();
  const alarm = only(
    tools,
    'AWS::CloudWatch::Alarm',
    ({ Properties }) => Properties.Namespace === 'AWS/SQS',
  );

  expect(alarm.Properties).toMatchObject({
    MetricName: 'ApproximateNumberOfMessagesVisible',
    Threshold: 1,
    ComparisonOperator: 'GreaterThanOrEqualToThreshold',
  });
  expect(JSON.stringify(alarm.Properties.Dimensions)).toContain(queue);
});

it('gives every alarm a topic that it may publish to, and a heading of the runbook', () => {
  const key = only(tools, 'AWS::KMS::Key', () => true);
  const alarms = [...resources(tools, 'AWS::CloudWatch::Alarm').values()];
  expect(alarms).toHaveLength(7);
  const runbook = readFileSync('docs/runbook.md', 'utf8');
  const headings = [...runbook.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading.toLowerCase().replaceAll(' ', '-'),
  );
  for (const { Properties } of alarms) {
    const anchor = / Runbook: docs\/runbook\.md#([a-z-]+)$/.exec(Properties.AlarmDescription)?.[1];
    expect(headings).toContain(anchor);
    for (const topic of Properties.AlarmActions.map(named)) {
      const policy = only(tools, 'AWS::SNS::TopicPolicy', (of) =>
        of.Properties.Topics.map(named).includes(topic),
      );
      const publish = (account: string) =>
        evaluate(policy.Properties.PolicyDocument.Statement, {
          principal: 'cloudwatch.amazonaws.com',
          action: 'sns:Publish',
          resource: topic,
          context: { 'aws:SourceAccount': account, 'aws:SecureTransport': 'true' },
        });
      expect(publish('111111111111')).toBe('allowed');
      expect(publish('999999999999')).toBe('denied');
    }
  }
  const use = { principal: 'cloudwatch.amazonaws.com', resource: '*' };
  for (const action of ['kms:Decrypt', 'kms:GenerateDataKey'])
    expect(evaluate(key.Properties.KeyPolicy.Statement, { ...use, action })).toBe('allowed');
});

it('sets the alarm of an approval so that it is tried again and then kept', async () => {
  const sent: CreateScheduleCommandInput[] = [];
  const client = {
    send: async (command: { input: CreateScheduleCommandInput }) => sent.push(command.input),
  };
  const alarms = new SchedulerAlarms(client as unknown as SchedulerClient, {
    group: 'conveyor-alarms',
    functionArn: 'fn',
    roleArn: 'role',
    deadLettersArn: 'queue',
  });

  await alarms.expireAt('p_01', 2, new Date('2026-11-21T10:00:00.000Z'));

  expect(sent[0]).toMatchObject({
    Name: 'p_01-2',
    ScheduleExpression: 'at(2026-11-21T10:00:00)',
    Target: {
      RetryPolicy: { MaximumRetryAttempts: 185, MaximumEventAgeInSeconds: 86_400 },
      DeadLetterConfig: { Arn: 'queue' },
    },
  });
});
