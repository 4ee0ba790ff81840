import { readFileSync } from 'node:fs';
import type { Duration, RemovalPolicy } from 'aws-cdk-lib';
import type { IAlarmAction } from 'aws-cdk-lib/aws-cloudwatch';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import {
  CustomerManagedEncryptionConfiguration,
  DefinitionBody,
  LogLevel,
  StateMachine,
} from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { alarmOnAny } from './alarm.ts';
import type { LambdaFn } from './lambda-fn.ts';
import { accept } from './nag.ts';

export interface AslMachineProps {
  /** `statemachines/<name>.asl.json`, and the machine's name `conveyor-<name>`. */
  readonly name: string;
  /** By the file name of their entry point: `${VerifyImageArn}` is bound to `verify-image`. */
  readonly functions: readonly LambdaFn[];
  /** Encrypts execution data at rest (task tokens pass through it). */
  readonly key: IKey;
  /** Told when executions fail or time out. */
  readonly alarmAction: IAlarmAction;
  /** The heading of `docs/runbook.md` for that. */
  readonly runbook: string;
  readonly removalPolicy: RemovalPolicy;
  /** Data keys are re-used this long. @default 300 seconds */
  readonly dataKeyReuse?: Duration;
}

/** Names written `${Like}` in a definition. */
export function placeholders(definition: string): ReadonlySet<string> {
  return new Set([...definition.matchAll(/\$\{(\w+)\}/g)].map((match) => match[1] ?? ''));
}

/** `verify-image` → `VerifyImageArn`. */
export function placeholderOf(functionName: string): string {
  return `${functionName.replace(/(^|-)([a-z0-9])/g, (_, __, letter: string) => letter.toUpperCase())}Arn`;
}

export function readDefinition(name: string): string {
  return readFileSync(new URL(`../../statemachines/${name}.asl.json`, import.meta.url), 'utf8');
}

/**
 * A state machine from its ASL file. CDK's own `DefinitionBody.fromFile` synthesises with missing substitutions and
 * grants nothing; this binds every `${…}` or throws, and may invoke exactly the functions named.
 */
export class AslMachine extends Construct {
  readonly machine: StateMachine;

  constructor(scope: Construct, id: string, props: AslMachineProps) {
    super(scope, id);
    const definition = readDefinition(props.name);
    const bound = bind(props.name, definition, props.functions);
    const role = new Role(this, 'Role', {
      roleName: `conveyor-machine-${props.name}`,
      assumedBy: new ServicePrincipal('states.amazonaws.com'),
    });
    role.addToPolicy(
      new PolicyStatement({
        actions: ['lambda:InvokeFunction'],
        resources: props.functions.map((fn) => fn.arn),
      }),
    );
    const logs = new LogGroup(this, 'Logs', {
      // The vendedlogs prefix keeps the log group's resource policy below its size limit (Step Functions docs, "CloudWatch Logs").
      logGroupName: `/aws/vendedlogs/states/conveyor-${props.name}`,
      retention: RetentionDays.ONE_YEAR,
      removalPolicy: props.removalPolicy,
    });
    this.machine = new StateMachine(this, 'Machine', {
      stateMachineName: `conveyor-${props.name}`,
      definitionBody: DefinitionBody.fromString(definition),
      definitionSubstitutions: bound,
      role,
      tracingEnabled: true,
      // Task tokens pass through execution data: it is never logged.
      logs: { destination: logs, level: LogLevel.ALL, includeExecutionData: false },
      encryptionConfiguration: new CustomerManagedEncryptionConfiguration(
        props.key,
        props.dataKeyReuse,
      ),
      removalPolicy: props.removalPolicy,
    });
    accept(
      role,
      'AwsSolutions-IAM5[Resource::*]',
      'X-Ray and log delivery (CreateLogDelivery …) have no resource-level permissions.',
    );
    const alarms = { Failed: this.machine.metricFailed(), TimedOut: this.machine.metricTimedOut() };
    for (const [how, metric] of Object.entries(alarms))
      alarmOnAny(this, how, {
        metric,
        description: `An execution of conveyor-${props.name} ended as ${how}.`,
        runbook: props.runbook,
        action: props.alarmAction,
      });
  }
}

function bind(
  name: string,
  definition: string,
  functions: readonly LambdaFn[],
): Record<string, string> {
  const bound: Record<string, string> = {};
  for (const fn of functions) bound[placeholderOf(fn.name)] = fn.arn;
  const wanted = placeholders(definition);
  const missing = [...wanted].filter((placeholder) => !(placeholder in bound));
  const unused = Object.keys(bound).filter((placeholder) => !wanted.has(placeholder));
  if (missing.length > 0 || unused.length > 0)
    throw new Error(
      `statemachines/${name}.asl.json and its functions disagree. Not bound: ${missing.join(', ') || 'none'}; bound but not used: ${unused.join(', ') || 'none'}.`,
    );
  return bound;
}
