import { RemovalPolicy } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import type { ConveyorConfig } from '../lambdas/domain/config.ts';
import { Approval } from './approval.ts';
import { Board } from './board.ts';
import { Copy } from './copy.ts';
import { DeployHosts } from './deploy-hosts.ts';
import { Intake } from './intake.ts';
import { Ledger } from './ledger.ts';
import { Promote } from './promote.ts';
import { Provision } from './provision.ts';
import { promotionStarter } from './starter.ts';
import { ReleaseStore } from './store.ts';
import { alarmOnAny } from './support/alarm.ts';
import { Foundation } from './support/foundation.ts';
import { Sweep } from './sweep.ts';

export interface ConveyorProps {
  /** The checked `conveyor.yaml` (`readConfig`). */
  readonly config: ConveyorConfig;
  /** What becomes of table, keys and logs when the stack is deleted. @default RemovalPolicy.RETAIN */
  readonly removalPolicy?: RemovalPolicy;
}

/** Conveyor in the tools account. One an account: the roles that environments trust have fixed names. */
export class Conveyor extends Construct {
  readonly foundation: Foundation;
  readonly intake: Intake;
  readonly promote: Promote;
  readonly approval: Approval;
  readonly board: Board;
  readonly sweep: Sweep;
  readonly provision: Provision;

  constructor(scope: Construct, id: string, props: ConveyorProps) {
    super(scope, id);
    const removalPolicy = props.removalPolicy ?? RemovalPolicy.RETAIN;
    const foundation = new Foundation(this, 'Foundation', { config: props.config, removalPolicy });
    const starter = promotionStarter(this, foundation);
    const store = new ReleaseStore(this, 'Store', foundation);
    const copy = new Copy(this, 'Copy', { foundation, store });
    const ledger = new Ledger(this, 'Ledger', { foundation });
    const deployHosts = new DeployHosts(this, 'DeployHosts', { foundation, ledger });
    this.foundation = foundation;
    this.approval = new Approval(this, 'Approval', { foundation, starter, ledger });
    this.promote = new Promote(this, 'Promote', {
      foundation,
      starter,
      approval: this.approval,
      copy,
      ledger,
      deployHosts,
    });
    this.intake = new Intake(this, 'Intake', { foundation, starter, store });
    this.sweep = new Sweep(this, 'Sweep', {
      foundation,
      starter,
      approval: this.approval,
      ledger,
      store,
    });
    this.provision = new Provision(this, 'Provision', { foundation, approval: this.approval });
    this.board = new Board(this, 'Board', { foundation, starter, ledger });
    alarmOnAny(this, 'Undelivered', {
      metric: foundation.deadLetters.metricApproximateNumberOfMessagesVisible(),
      description: 'An event found no taker and lies in the dead-letter queue.',
      runbook: 'dead-letters',
      action: this.approval.alarmAction,
    });
  }
}
