import { CfnOutput, Duration, Stack } from 'aws-cdk-lib';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { AnyPrincipal, Effect, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { FunctionUrlAuthType } from 'aws-cdk-lib/aws-lambda';
import { ScheduleGroup } from 'aws-cdk-lib/aws-scheduler';
import { Subscription, SubscriptionFilter, SubscriptionProtocol, Topic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { approversOf } from '../lambdas/domain/config.ts';
import type { Ledger } from './ledger.ts';
import type { Starter } from './starter.ts';
import type { Foundation } from './support/foundation.ts';
import type { Grant } from './support/grant.ts';
import { LambdaFn } from './support/lambda-fn.ts';
import { wildcardFinding } from './support/nag.ts';

export interface ApprovalProps {
  readonly foundation: Foundation;
  readonly starter: Starter;
  readonly ledger: Ledger;
}

/** Asking, the pages behind the links, the expiry; and the two topics that tell people. */
export class Approval extends Construct {
  readonly request: LambdaFn;
  readonly page: LambdaFn;
  readonly expire: LambdaFn;
  readonly tellEverybody: Grant;
  readonly cancelAlarms: Grant;
  readonly alarmAction: SnsAction;

  constructor(scope: Construct, id: string, { foundation, starter, ledger }: ApprovalProps) {
    super(scope, id);
    const { removalPolicy, deadLetters, writeTable, readConfig } = foundation;
    const approvals = this.approvalsTopic(foundation);
    const notices = this.noticesTopic(foundation);
    this.alarmAction = new SnsAction(notices);
    this.expire = new LambdaFn(this, 'ExpireApproval', {
      name: 'expire-approval',
      description: 'Conveyor approval: nobody decided in time',
      grants: [foundation.readTable, ...starter.wakeParked],
      deadLetters,
      removalPolicy,
    });
    this.page = new LambdaFn(this, 'DecisionPage', {
      name: 'decision-page',
      description: "Conveyor approval: the page behind an approver's link; GET shows, POST decides",
      grants: [writeTable, readConfig, ...starter.wakeParked, ledger.readSecret],
      removalPolicy,
    });
    // The link's token is the credential (256 bit, hashed at rest, single use, expiring).
    const url = this.page.function.addFunctionUrl({ authType: FunctionUrlAuthType.NONE });

    const topics = { APPROVALS_TOPIC_ARN: approvals.topicArn, NOTICES_TOPIC_ARN: notices.topicArn };
    const publishTo = ({ topicArn }: Topic): Grant => ({
      environment: topics,
      policy: [
        new PolicyStatement({ actions: ['sns:Publish'], resources: [topicArn] }),
        foundation.publishKeyPolicy(),
      ],
    });
    this.tellEverybody = publishTo(notices);
    const { set, cancel } = this.alarms(foundation);
    this.cancelAlarms = cancel;
    this.request = new LambdaFn(this, 'RequestApproval', {
      name: 'request-approval',
      description: 'Conveyor approval: asks each approver, once a round',
      grants: [
        writeTable,
        readConfig,
        foundation.sealTokens,
        starter.wake,
        publishTo(approvals),
        set,
        ledger.readSecret,
      ],
      environment: { PAGES_URL: url.url },
      timeout: Duration.seconds(60),
      removalPolicy,
    });
    new CfnOutput(this, 'PagesUrl', { value: url.url });
  }

  /** One-off schedules that call `expire`: setting them, and taking them back. */
  private alarms({ deadLetters, removalPolicy }: Foundation): { set: Grant; cancel: Grant } {
    const stack = Stack.of(this);
    const group = new ScheduleGroup(this, 'Alarms', {
      scheduleGroupName: 'conveyor-alarms',
      removalPolicy,
    });
    const role = new Role(this, 'AlarmRole', {
      description: 'Conveyor approval: what an alarm that rings may do',
      assumedBy: new ServicePrincipal('scheduler.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': stack.account } },
      }),
    });
    const may = (actions: string[], resources: string[], passedTo?: string) =>
      new PolicyStatement({
        actions,
        resources,
        ...(passedTo && { conditions: { StringEquals: { 'iam:PassedToService': passedTo } } }),
      });
    role.addToPolicy(may(['lambda:InvokeFunction'], [this.expire.arn]));
    role.addToPolicy(may(['sqs:SendMessage'], [deadLetters.queueArn]));
    const schedules = stack.formatArn({
      service: 'scheduler',
      resource: 'schedule',
      resourceName: `${group.scheduleGroupName}/p_*`,
    });
    const common = {
      environment: {
        EXPIRE_FUNCTION_ARN: this.expire.arn,
        SCHEDULE_ROLE_ARN: role.roleArn,
        SCHEDULE_GROUP: group.scheduleGroupName,
        DEAD_LETTERS_ARN: deadLetters.queueArn,
      },
      accepted: [
        {
          finding: wildcardFinding(this, schedules),
          reason: 'Alarms are named after promotions, which do not exist yet.',
        },
      ],
    };
    return {
      set: {
        ...common,
        policy: [
          may(['scheduler:CreateSchedule'], [schedules]),
          may(['iam:PassRole'], [role.roleArn], 'scheduler.amazonaws.com'),
        ],
      },
      cancel: { ...common, policy: [may(['scheduler:DeleteSchedule'], [schedules])] },
    };
  }

  /** Links go out here: nobody but the deployment may subscribe, and each approver sees their own only. */
  private approvalsTopic({ config, key }: Foundation): Topic {
    const topic = new Topic(this, 'Approvals', {
      masterKey: key,
      enforceSSL: true,
      displayName: 'Conveyor approvals',
    });
    const { partition, account, region } = Stack.of(this);
    topic.addToResourcePolicy(
      new PolicyStatement({
        sid: 'OnlyTheDeploymentSubscribes',
        effect: Effect.DENY,
        principals: [new AnyPrincipal()],
        actions: ['sns:Subscribe'],
        resources: [topic.topicArn],
        conditions: {
          ArnNotLike: {
            'aws:PrincipalArn': `arn:${partition}:iam::${account}:role/cdk-*-cfn-exec-role-${account}-${region}`,
          },
        },
      }),
    );
    const approvers = new Set(
      Object.values(config.environments).flatMap(({ approval }) =>
        approval ? approversOf(config, approval) : [],
      ),
    );
    for (const person of approvers) {
      const email = config.people[person]?.email;
      if (email === undefined) continue;
      new Subscription(this, `Approver-${person}`, {
        topic,
        protocol: SubscriptionProtocol.EMAIL,
        endpoint: email,
        filterPolicy: { person: SubscriptionFilter.stringFilter({ allowlist: [person] }) },
      });
    }
    return topic;
  }

  private noticesTopic(foundation: Foundation): Topic {
    const { config, key } = foundation;
    const topic = new Topic(this, 'Notices', {
      masterKey: key,
      enforceSSL: true,
      displayName: 'Conveyor',
    });
    // A policy of one's own replaces SNS's default one, by which the account's alarms could publish.
    topic.addToResourcePolicy(
      new PolicyStatement({
        sid: 'AlarmsOfThisAccount',
        principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
        actions: ['sns:Publish'],
        resources: [topic.topicArn],
        conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } },
      }),
    );
    foundation.letAlarmsUseKey();
    for (const email of new Set(config.notifications.email))
      new Subscription(this, `Notice-${email}`, {
        topic,
        protocol: SubscriptionProtocol.EMAIL,
        endpoint: email,
      });
    new CfnOutput(this, 'NoticesTopicArn', { value: topic.topicArn });
    return topic;
  }
}
