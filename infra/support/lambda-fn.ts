import type { RemovalPolicy } from 'aws-cdk-lib';
import { Duration } from 'aws-cdk-lib';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import {
  Architecture,
  Code,
  Function as LambdaFunction,
  Runtime,
  Tracing,
} from 'aws-cdk-lib/aws-lambda';
import { SqsDestination } from 'aws-cdk-lib/aws-lambda-destinations';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { bundleOf } from './bundle.ts';
import type { Grant } from './grant.ts';
import { accept } from './nag.ts';

export interface LambdaFnProps {
  /** The entry point's file name without `.lambda.ts`; also the last part of the function's and the role's name. */
  readonly name: string;
  /** What it does, in one line, for the console. */
  readonly description: string;
  /** Everything it may do beside writing its own logs and traces. @default nothing */
  readonly grants?: readonly Grant[];
  /** Further names and values that its own schema asks for. @default none */
  readonly environment?: Readonly<Record<string, string>>;
  /** MB. @default 256 */
  readonly memorySize?: number;
  /** @default 30 seconds */
  readonly timeout?: Duration;
  /** Where an event goes that the function was sent asynchronously and failed at three times. @default it is never sent one */
  readonly deadLetters?: IQueue;
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
    const grants = props.grants ?? [];
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
      environment: Object.assign(
        { POWERTOOLS_SERVICE_NAME: props.name },
        ...grants.map((grant) => grant.environment),
        props.environment,
      ),
    });
    for (const statement of grants.flatMap((grant) => grant.policy))
      this.role.addToPolicy(statement);
    if (props.deadLetters !== undefined)
      this.function.configureAsyncInvoke({
        retryAttempts: 2,
        maxEventAge: Duration.hours(6),
        onFailure: new SqsDestination(props.deadLetters),
      });
    accept(
      this.function,
      'AwsSolutions-L1',
      'nodejs22.x is the LTS that the SDK in the bundles is made and tested for; newer ones come with it.',
    );
    for (const { finding, reason } of grants.flatMap((grant) => grant.accepted ?? []))
      accept(this.role, finding, reason);
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
