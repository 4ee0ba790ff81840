import { ArnFormat, CfnOutput, Duration, Stack } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import type { Approval } from './approval.ts';
import type { Copy } from './copy.ts';
import type { Ledger } from './ledger.ts';
import { AslMachine } from './support/asl-machine.ts';
import type { Foundation } from './support/foundation.ts';
import { LambdaFn } from './support/lambda-fn.ts';
import { secretPolicy } from './support/secrets.ts';

const MACHINE = 'conveyor-promote';

/** What it takes to start and wake promotions, for every function that does. */
export interface Starter {
  readonly environment: Record<string, string>;
  readonly policy: readonly PolicyStatement[];
}

/** By the machine's name, as it is made after the functions that it calls and that start it. */
export function promotionStarter(scope: Construct): Starter {
  const machine = Stack.of(scope).formatArn({
    service: 'states',
    resource: 'stateMachine',
    resourceName: MACHINE,
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  });
  const executions = Stack.of(scope).formatArn({
    service: 'states',
    resource: 'execution',
    resourceName: `${MACHINE}:*`,
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  });
  return {
    environment: { PROMOTE_MACHINE_ARN: machine },
    policy: [
      new PolicyStatement({
        actions: ['states:StartExecution', 'states:SendTaskSuccess'],
        resources: [machine],
      }),
      new PolicyStatement({ actions: ['states:DescribeExecution'], resources: [executions] }),
    ],
  };
}

export interface PromoteProps {
  readonly foundation: Foundation;
  readonly starter: Starter;
  readonly approval: Approval;
  readonly copy: Copy;
  readonly ledger: Ledger;
}

/** The one state machine that promotes, and the functions of its own steps. */
export class Promote extends Construct {
  readonly machine: AslMachine;

  constructor(
    scope: Construct,
    id: string,
    { foundation, starter, approval, copy, ledger }: PromoteProps,
  ) {
    super(scope, id);
    const common = { environment: foundation.environment, removalPolicy: foundation.removalPolicy };
    const takeTurn = new LambdaFn(this, 'TakeTurn', {
      ...common,
      name: 'take-turn',
      description: 'Conveyor promote: the lock of (service, environment)',
      policy: foundation.tablePolicy(),
    });
    const parkTurn = new LambdaFn(this, 'ParkTurn', {
      ...common,
      name: 'park-turn',
      description: 'Conveyor promote: keeps the token of a promotion that waits for its turn',
      environment: { ...common.environment, ...starter.environment },
      policy: [...foundation.tablePolicy(), ...starter.policy],
    });
    const checkGates = new LambdaFn(this, 'CheckGates', {
      ...common,
      name: 'check-gates',
      description: 'Conveyor promote: decides whether a promotion goes on',
      policy: [...foundation.tablePolicy(), ledger.readSecret],
    });
    const observe = new LambdaFn(this, 'Observe', {
      ...common,
      name: 'observe-argocd',
      description: 'Conveyor promote: looks at what Argo CD makes of a promotion',
      timeout: Duration.seconds(59),
      policy: [...foundation.tablePolicy(), ...secretPolicy(this, foundation.config.argocd?.token)],
    });
    const finish = new LambdaFn(this, 'Finish', {
      ...common,
      name: 'finish-promotion',
      description: 'Conveyor promote: final state, lock, next stage, notices',
      environment: { ...common.environment, ...starter.environment, ...approval.environment },
      policy: [
        ...foundation.tablePolicy(),
        ...starter.policy,
        ...approval.policy,
        ...secretPolicy(this, foundation.config.notifications.slack?.webhook),
      ],
    });
    this.machine = new AslMachine(this, 'Machine', {
      name: 'promote',
      functions: [
        takeTurn,
        parkTurn,
        checkGates,
        approval.request,
        copy.copy,
        copy.verify,
        ledger.update,
        observe,
        finish,
      ],
      key: foundation.key,
      removalPolicy: foundation.removalPolicy,
      ...(approval.alarmAction && { alarmAction: approval.alarmAction }),
    });
    new CfnOutput(this, 'MachineArn', { value: this.machine.machine.stateMachineArn });
  }
}
