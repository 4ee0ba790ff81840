import { CfnOutput, Duration, Stack } from 'aws-cdk-lib';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { AnyPrincipal, Effect, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { FunctionUrlAuthType } from 'aws-cdk-lib/aws-lambda';
import { ScheduleGroup } from 'aws-cdk-lib/aws-scheduler';
import { Subscription, SubscriptionFilter, SubscriptionProtocol, Topic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { approversOf } from '../lambdas/domain/config.ts';
import type { Ledger } from './ledger.ts';
import type { Starter } from './promote.ts';
import type { Foundation } from './support/foundation.ts';
import { LambdaFn } from './support/lambda-fn.ts';

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
  /** Environment and rights of every function that tells people or sets alarms. */
  readonly environment: Record<string, string>;
  readonly policy: readonly PolicyStatement[];
  readonly alarmAction: SnsAction;

  constructor(scope: Construct, id: string, { foundation, starter, ledger }: ApprovalProps) {
    super(scope, id);
    const approvals = this.approvalsTopic(foundation);
    const notices = this.noticesTopic(foundation);
    this.alarmAction = new SnsAction(notices);
    const common = { removalPolicy: foundation.removalPolicy };
    this.expire = new LambdaFn(this, 'ExpireApproval', {
      ...common,
      name: 'expire-approval',
      description: 'Conveyor approval: nobody decided in time',
      environment: { ...foundation.environment, ...starter.environment },
      policy: [...foundation.tablePolicy(), ...starter.policy],
    });
    this.page = new LambdaFn(this, 'DecisionPage', {
      ...common,
      name: 'decision-page',
      description: "Conveyor approval: the page behind an approver's link; GET shows, POST decides",
      environment: { ...foundation.environment, ...starter.environment },
      policy: [...foundation.tablePolicy(), ...starter.policy, ledger.readSecret],
    });
    // The link's token is the credential (256 bit, hashed at rest, single use, expiring).
    const url = this.page.function.addFunctionUrl({ authType: FunctionUrlAuthType.NONE });

    const group = new ScheduleGroup(this, 'Alarms', {
      scheduleGroupName: 'conveyor-alarms',
      removalPolicy: foundation.removalPolicy,
    });
    const rings = new Role(this, 'AlarmRole', {
      assumedBy: new ServicePrincipal('scheduler.amazonaws.com'),
    });
    rings.addToPolicy(
      new PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [this.expire.arn] }),
    );
    this.environment = {
      APPROVALS_TOPIC_ARN: approvals.topicArn,
      NOTICES_TOPIC_ARN: notices.topicArn,
      EXPIRE_FUNCTION_ARN: this.expire.arn,
      SCHEDULE_ROLE_ARN: rings.roleArn,
      SCHEDULE_GROUP: group.scheduleGroupName,
    };
    this.policy = [
      new PolicyStatement({
        actions: ['sns:Publish'],
        resources: [approvals.topicArn, notices.topicArn],
      }),
      new PolicyStatement({
        actions: ['scheduler:CreateSchedule', 'scheduler:DeleteSchedule'],
        resources: [
          Stack.of(this).formatArn({
            service: 'scheduler',
            resource: 'schedule',
            resourceName: `${group.scheduleGroupName}/p_*`,
          }),
        ],
      }),
      new PolicyStatement({
        actions: ['iam:PassRole'],
        resources: [rings.roleArn],
        conditions: { StringEquals: { 'iam:PassedToService': 'scheduler.amazonaws.com' } },
      }),
    ];
    this.request = new LambdaFn(this, 'RequestApproval', {
      ...common,
      name: 'request-approval',
      description: 'Conveyor approval: asks each approver, once a round',
      environment: {
        ...foundation.environment,
        ...starter.environment,
        ...this.environment,
        PAGES_URL: url.url,
      },
      policy: [...foundation.tablePolicy(), ...starter.policy, ...this.policy, ledger.readSecret],
      timeout: Duration.seconds(60),
    });
    new CfnOutput(this, 'PagesUrl', { value: url.url });
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

  private noticesTopic({ config, key }: Foundation): Topic {
    const topic = new Topic(this, 'Notices', {
      masterKey: key,
      enforceSSL: true,
      displayName: 'Conveyor',
    });
    for (const email of config.notifications.email)
      new Subscription(this, `Notice-${email}`, {
        topic,
        protocol: SubscriptionProtocol.EMAIL,
        endpoint: email,
      });
    new CfnOutput(this, 'NoticesTopicArn', { value: topic.topicArn });
    return topic;
  }
}
