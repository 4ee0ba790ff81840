import { Duration } from 'aws-cdk-lib';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { SfnStateMachine } from 'aws-cdk-lib/aws-events-targets';
import { Construct } from 'constructs';
import type { Approval } from './approval.ts';
import { deployRoleEnvironment, deployRolePolicy } from './copy.ts';
import type { Ledger } from './ledger.ts';
import type { Starter } from './promote.ts';
import { AslMachine } from './support/asl-machine.ts';
import type { Foundation } from './support/foundation.ts';
import { LambdaFn } from './support/lambda-fn.ts';
import { secretPolicy } from './support/secrets.ts';

export interface SweepProps {
  readonly foundation: Foundation;
  readonly starter: Starter;
  readonly approval: Approval;
  readonly ledger: Ledger;
}

/** On a schedule: what events did not tell, and what deaths left behind. */
export class Sweep extends Construct {
  readonly machine: AslMachine;

  constructor(scope: Construct, id: string, { foundation, starter, approval, ledger }: SweepProps) {
    super(scope, id);
    const common = { environment: foundation.environment, removalPolicy: foundation.removalPolicy };
    const plan = new LambdaFn(this, 'PlanSweep', {
      ...common,
      name: 'plan-sweep',
      description: 'Conveyor sweep: which sources and lines there are',
      policy: foundation.tablePolicy(),
    });
    const source = new LambdaFn(this, 'SweepSource', {
      ...common,
      name: 'sweep-source',
      description: 'Conveyor sweep: raises pushes that no event announced',
      environment: {
        ...common.environment,
        ...starter.environment,
        ...deployRoleEnvironment(this, foundation),
      },
      policy: [...foundation.tablePolicy(), ...starter.policy, deployRolePolicy(this, foundation)],
      timeout: Duration.minutes(5),
    });
    const line = new LambdaFn(this, 'MendLine', {
      ...common,
      name: 'mend-line',
      description: 'Conveyor sweep: sets going again what a death between two steps left behind',
      environment: { ...common.environment, ...starter.environment, ...approval.environment },
      policy: [
        ...foundation.tablePolicy(),
        ...starter.policy,
        ...approval.policy,
        ledger.readSecret,
        ...secretPolicy(this, foundation.config.notifications.slack?.webhook),
      ],
      timeout: Duration.minutes(2),
    });
    this.machine = new AslMachine(this, 'Machine', {
      name: 'sweep',
      functions: [plan, source, line],
      key: foundation.key,
      alarmAction: approval.alarmAction,
      removalPolicy: foundation.removalPolicy,
    });
    new Rule(this, 'Schedule', {
      description: 'Conveyor sweep',
      schedule: Schedule.rate(Duration.seconds(Math.max(60, foundation.config.sweep.every))),
      targets: [
        new SfnStateMachine(this.machine.machine, {
          deadLetterQueue: foundation.deadLetters,
          retryAttempts: 3,
        }),
      ],
    });
  }
}
