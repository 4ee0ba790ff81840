import { CfnOutput, Duration } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import type { Approval } from './approval.ts';
import type { Copy } from './copy.ts';
import type { DeployHosts } from './deploy-hosts.ts';
import type { Ledger } from './ledger.ts';
import type { Starter } from './starter.ts';
import { AslMachine } from './support/asl-machine.ts';
import type { Foundation } from './support/foundation.ts';
import { LambdaFn } from './support/lambda-fn.ts';
import { readSecret } from './support/secrets.ts';

export interface PromoteProps {
  readonly foundation: Foundation;
  readonly starter: Starter;
  readonly approval: Approval;
  readonly copy: Copy;
  readonly ledger: Ledger;
  readonly deployHosts: DeployHosts;
}

/** The one state machine that promotes, and the functions of its own steps. */
export class Promote extends Construct {
  readonly machine: AslMachine;

  constructor(
    scope: Construct,
    id: string,
    { foundation, starter, approval, copy, ledger, deployHosts }: PromoteProps,
  ) {
    super(scope, id);
    const { config, removalPolicy, writeTable, deleteFromTable, readConfig } = foundation;
    const takeTurn = new LambdaFn(this, 'TakeTurn', {
      name: 'take-turn',
      description: 'Conveyor promote: the lock of (service, environment)',
      grants: [writeTable, deleteFromTable],
      removalPolicy,
    });
    const parkTurn = new LambdaFn(this, 'ParkTurn', {
      name: 'park-turn',
      description: 'Conveyor promote: keeps the token of a promotion that waits for its turn',
      grants: [writeTable, foundation.sealTokens, starter.wake],
      removalPolicy,
    });
    const checkGates = new LambdaFn(this, 'CheckGates', {
      name: 'check-gates',
      description: 'Conveyor promote: decides whether a promotion goes on',
      grants: [writeTable, readConfig, ledger.readSecret],
      removalPolicy,
    });
    const observe = new LambdaFn(this, 'Observe', {
      name: 'observe-argocd',
      description: 'Conveyor promote: looks at what Argo CD makes of a promotion',
      grants: [writeTable, readConfig, readSecret(this, config.argocd?.token)],
      timeout: Duration.seconds(59),
      removalPolicy,
    });
    const finish = new LambdaFn(this, 'Finish', {
      name: 'finish-promotion',
      description: 'Conveyor promote: final state, lock, next stage, notices',
      grants: [
        writeTable,
        deleteFromTable,
        readConfig,
        ...starter.start,
        approval.tellEverybody,
        approval.cancelAlarms,
        readSecret(this, config.notifications.slack?.webhook),
      ],
      removalPolicy,
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
        copy.copyTarball,
        copy.verifyTarball,
        deployHosts.deploy,
        ledger.update,
        observe,
        finish,
      ],
      key: foundation.key,
      runbook: 'promotion-failed',
      alarmAction: approval.alarmAction,
      removalPolicy,
    });
    new CfnOutput(this, 'MachineArn', { value: this.machine.machine.stateMachineArn });
  }
}
