import type { RemovalPolicy } from 'aws-cdk-lib';
import { Duration } from 'aws-cdk-lib';
import type { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import {
  Architecture,
  Code,
  Function as LambdaFunction,
  Runtime,
  Tracing,
} from 'aws-cdk-lib/aws-lambda';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { bundleOf } from './bundle.ts';
import { accept } from './nag.ts';

export interface LambdaFnProps {
  /** The entry point's file name without `.lambda.ts`; also the last part of the function's and the role's name. */
  readonly name: string;
  /** What it does, in one line, for the console. */
  readonly description: string;
  /** Names and values the function's own schema asks for. @default none */
  readonly environment?: Readonly<Record<string, string>>;
  /** MB. @default 256 */
  readonly memorySize?: number;
  /** @default 30 seconds */
  readonly timeout?: Duration;
  /** Everything it may do beside writing its own logs and traces. @default nothing */
  readonly policy?: readonly PolicyStatement[];
  readonly removalPolicy: RemovalPolicy;
}

/**
 * One function with its own role, log group and bundle. The role's name is fixed (`conveyor-<name>`): the environment
 * accounts' trust policies name it before it exists.
 */
export class LambdaFn extends Construct {
  readonly function: LambdaFunction;
  readonly role: Role;
  readonly name: string;

  constructor(scope: Construct, id: string, props: LambdaFnProps) {
    super(scope, id);
    this.name = props.name;
    const logGroup = new LogGroup(this, 'Logs', {
      retention: RetentionDays.ONE_YEAR,
      removalPolicy: props.removalPolicy,
    });
    this.role = new Role(this, 'Role', {
      roleName: `conveyor-${props.name}`,
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
      description: props.description,
    });
    logGroup.grantWrite(this.role);
    this.function = new LambdaFunction(this, 'Function', {
      functionName: `conveyor-${props.name}`,
      description: props.description,
      runtime: Runtime.NODEJS_22_X,
      architecture: Architecture.ARM_64,
      handler: 'index.handler',
      code: Code.fromAsset(bundleOf(props.name)),
      memorySize: props.memorySize ?? 256,
      timeout: props.timeout ?? Duration.seconds(30),
      tracing: Tracing.ACTIVE,
      role: this.role,
      logGroup,
      environment: {
        NODE_OPTIONS: '--enable-source-maps',
        POWERTOOLS_SERVICE_NAME: props.name,
        ...props.environment,
      },
    });
    for (const statement of props.policy ?? []) this.role.addToPolicy(statement);
    accept(
      this.role,
      'AwsSolutions-IAM5[Resource::*]',
      'X-Ray (PutTraceSegments, PutTelemetryRecords) has no resource-level permissions.',
    );
  }

  /** The function's ARN, to be put into state machines and schedules. */
  get arn(): string {
    return this.function.functionArn;
  }
}
