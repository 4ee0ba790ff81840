import { Duration, Stack } from 'aws-cdk-lib';
import { EventField, Rule, RuleTargetInput, Schedule } from 'aws-cdk-lib/aws-events';
import { SfnStateMachine } from 'aws-cdk-lib/aws-events-targets';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import {
  credentialName,
  credentialPath,
  desiredPath,
  fingerprintKeyName,
  targetName,
  targetPath,
} from '../lambdas/domain/desired-state.ts';
import type { EnvironmentName } from '../lambdas/domain/names.ts';
import type { Approval } from './approval.ts';
import { assumeDeployRoles } from './copy.ts';
import { ServiceHost } from './service-host.ts';
import { AslMachine } from './support/asl-machine.ts';
import type { Foundation } from './support/foundation.ts';
import type { Grant } from './support/grant.ts';
import { LambdaFn } from './support/lambda-fn.ts';
import { wildcardFinding } from './support/nag.ts';
import { parameterArn } from './support/naming.ts';

export interface ProvisionProps {
  readonly foundation: Foundation;
  readonly approval: Approval;
}

/** What hosts are to have: the declared state, and the machine that brings them to it when it changes, and again on a schedule. */
export class Provision extends Construct {
  readonly machine: AslMachine;
  readonly step: LambdaFn;

  constructor(scope: Construct, id: string, { foundation, approval }: ProvisionProps) {
    super(scope, id);
    const { config, removalPolicy } = foundation;
    this.step = new LambdaFn(this, 'Provision', {
      name: 'provision',
      description: 'Conveyor provision: one step of bringing hosts to what is declared',
      grants: [
        foundation.writeTable,
        foundation.readConfig,
        assumeDeployRoles(this, foundation),
        this.useParameters(foundation),
      ],
      timeout: Duration.minutes(2),
      removalPolicy,
    });
    this.machine = new AslMachine(this, 'Machine', {
      name: 'provision',
      functions: [this.step],
      key: foundation.key,
      runbook: 'provision-failed',
      alarmAction: approval.alarmAction,
      removalPolicy,
    });
    const provisioned = Object.entries(config.services).flatMap(([service, { stages, target }]) =>
      target.systemd?.provision === undefined
        ? []
        : stages.map((environment) => ({ service, environment, ...target.systemd })),
    );
    for (const { service, environment, provision } of provisioned) {
      if (provision === 'elsewhere') continue;
      const host = new ServiceHost(this, `${environment}-${service}`, {
        config,
        service,
        environment,
      });
      // The function that knows the new bootstrap is there before a run is started by its change.
      host.node.addDependency(this.step);
    }
    this.onChange(foundation);
    for (const environment of new Set(provisioned.map(({ environment }) => environment)))
      this.onSchedule(foundation, environment);
  }

  /** "Parameter Store Change" comes natively, as a best effort ("Configuring EventBridge rules for parameters"). */
  private onChange(foundation: Foundation): void {
    const environments = Object.keys(foundation.config.environments);
    const names = environments.flatMap((name) => [desiredPath(name), credentialPath(name)]);
    new Rule(this, 'Changes', {
      description: 'Conveyor provision: what is declared, or a credential, has changed',
      eventPattern: {
        source: ['aws.ssm'],
        detailType: ['Parameter Store Change'],
        detail: {
          name: names.map((name) => ({ prefix: `${name}/` })),
          operation: ['Create', 'Update', 'Delete'],
        },
      },
      targets: [
        this.start(
          foundation,
          RuleTargetInput.fromObject({ parameter: EventField.fromPath('$.detail.name') }),
        ),
      ],
    });
  }

  /** Hosts that are new, were off, or were changed by hand. */
  private onSchedule(foundation: Foundation, environment: EnvironmentName): void {
    new Rule(this, `Schedule-${environment}`, {
      description: `Conveyor provision: ${environment}`,
      schedule: Schedule.rate(Duration.seconds(foundation.config.sweep.every)),
      targets: [this.start(foundation, RuleTargetInput.fromObject({ environment }))],
    });
  }

  private start({ deadLetters }: Foundation, input: RuleTargetInput): SfnStateMachine {
    return new SfnStateMachine(this.machine.machine, {
      input,
      deadLetterQueue: deadLetters,
      retryAttempts: 3,
      maxEventAge: Duration.hours(1),
    });
  }

  /** Exactly these: what is declared, the credentials that are, one key an environment, and what is published. */
  private useParameters({ config }: Foundation): Grant {
    const environments = Object.keys(config.environments);
    const credentials = Object.entries(config.services).flatMap(([service, { stages, target }]) => {
      const { provision } = target.systemd ?? {};
      const hasOne =
        provision === 'elsewhere' || (typeof provision === 'object' && provision.credential);
      return hasOne ? stages.map((stage) => credentialName(stage, service)) : [];
    });
    const arns = (names: readonly string[]) => names.map((name) => parameterArn(this, name));
    const keys = arns(environments.map(fingerprintKeyName));
    const targets = arns(environments.map((name) => `${targetPath(name)}/*`));
    return {
      policy: [
        new PolicyStatement({
          actions: ['ssm:GetParametersByPath'],
          resources: arns(environments.map(desiredPath)),
        }),
        new PolicyStatement({
          actions: ['ssm:GetParameter'],
          resources: [...keys, ...arns(credentials)],
        }),
        new PolicyStatement({ actions: ['ssm:PutParameter'], resources: [...keys, ...targets] }),
        new PolicyStatement({ actions: ['ssm:DeleteParameter'], resources: targets }),
      ],
      accepted: targets.map((arn) => ({
        finding: wildcardFinding(Stack.of(this), arn),
        reason: 'A service that is declared no longer has to be withdrawn as well.',
      })),
    };
  }
}

/** Reading where provisioning has put the services whose releases go to hosts. */
export function readTargets(scope: Construct, { config }: Foundation): Grant {
  const names = Object.entries(config.services).flatMap(([service, { stages, target }]) =>
    target.systemd === undefined ? [] : stages.map((stage) => targetName(stage, service)),
  );
  if (names.length === 0) return { policy: [] };
  return {
    policy: [
      new PolicyStatement({
        actions: ['ssm:GetParameter'],
        resources: names.map((name) => parameterArn(scope, name)),
      }),
    ],
  };
}
