import { Duration } from 'aws-cdk-lib';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction, SfnStateMachine } from 'aws-cdk-lib/aws-events-targets';
import { Construct } from 'constructs';
import type { Approval } from './approval.ts';
import { assumeDeployRoles } from './copy.ts';
import type { Ledger } from './ledger.ts';
import { readTargets } from './provision.ts';
import type { Starter } from './starter.ts';
import type { ReleaseStore } from './store.ts';
import { AslMachine } from './support/asl-machine.ts';
import type { Foundation } from './support/foundation.ts';
import { LambdaFn } from './support/lambda-fn.ts';
import { readSecret } from './support/secrets.ts';

export interface SweepProps {
  readonly foundation: Foundation;
  readonly starter: Starter;
  readonly approval: Approval;
  readonly ledger: Ledger;
  readonly store: ReleaseStore;
}

/** On a schedule: what events did not tell, and what deaths left behind. */
export class Sweep extends Construct {
  readonly machine: AslMachine;

  constructor(scope: Construct, id: string, props: SweepProps) {
    super(scope, id);
    const { foundation, starter, approval, ledger, store } = props;
    const { config, removalPolicy, writeTable, deleteFromTable, readConfig } = foundation;
    const plan = new LambdaFn(this, 'PlanSweep', {
      name: 'plan-sweep',
      description: 'Conveyor sweep: which sources and lines there are',
      grants: [readConfig],
      removalPolicy,
    });
    const source = new LambdaFn(this, 'SweepSource', {
      name: 'sweep-source',
      description: 'Conveyor sweep: raises pushes and uploads that no event announced',
      grants: [
        writeTable,
        readConfig,
        ...starter.start,
        assumeDeployRoles(this, foundation),
        ...store.read,
      ],
      // A whole processor: a tarball that nobody told of is looked through here.
      memorySize: 1_769,
      timeout: Duration.minutes(15),
      removalPolicy,
    });
    const line = new LambdaFn(this, 'MendLine', {
      name: 'mend-line',
      description: 'Conveyor sweep: sets going again what a death between two steps left behind',
      grants: [
        writeTable,
        deleteFromTable,
        readConfig,
        ...starter.start,
        starter.look,
        approval.tellEverybody,
        approval.cancelAlarms,
        ledger.readSecret,
        readSecret(this, config.notifications.slack?.webhook),
        assumeDeployRoles(this, foundation),
      ],
      timeout: Duration.minutes(2),
      removalPolicy,
    });
    const hosts = new LambdaFn(this, 'SweepHosts', {
      name: 'sweep-hosts',
      description: 'Conveyor sweep: asks hosts what they run, and brings those that were late',
      grants: [
        writeTable,
        readConfig,
        ...starter.start,
        approval.tellEverybody,
        ledger.readSecret,
        readSecret(this, config.notifications.slack?.webhook),
        assumeDeployRoles(this, foundation),
        readTargets(this, foundation),
      ],
      timeout: Duration.minutes(2),
      removalPolicy,
    });
    this.retain(props);
    this.machine = new AslMachine(this, 'Machine', {
      name: 'sweep',
      functions: [plan, source, line, hosts],
      key: foundation.key,
      runbook: 'sweep-failed',
      alarmAction: approval.alarmAction,
      removalPolicy,
    });
    new Rule(this, 'Schedule', {
      description: 'Conveyor sweep',
      schedule: Schedule.rate(Duration.seconds(config.sweep.every)),
      targets: [
        new SfnStateMachine(this.machine.machine, {
          deadLetterQueue: foundation.deadLetters,
          retryAttempts: 3,
          maxEventAge: Duration.hours(1),
        }),
      ],
    });
  }

  /** Apart from the machine: what a release store keeps is no matter of minutes, and may fail without anybody waiting. */
  private retain({ foundation, store }: SweepProps): void {
    const { config, removalPolicy, readTable, readConfig, deadLetters } = foundation;
    const services = Object.values(config.services);
    if (services.every(({ artifact }) => artifact.tarball === undefined)) return;
    const retain = new LambdaFn(this, 'RetainReleases', {
      name: 'retain-releases',
      description: 'Conveyor sweep: tags what the release store may let go; deletes nothing',
      grants: [readTable, readConfig, ...store.mark],
      deadLetters,
      timeout: Duration.minutes(15),
      removalPolicy,
    });
    new Rule(this, 'Retention', {
      description: 'Conveyor sweep, releases that nobody needs',
      schedule: Schedule.rate(Duration.days(1)),
      targets: [
        new LambdaFunction(retain.function, {
          deadLetterQueue: deadLetters,
          retryAttempts: 3,
          maxEventAge: Duration.hours(1),
        }),
      ],
    });
  }
}
