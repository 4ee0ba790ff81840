import { ArnFormat, Stack } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import type { Foundation } from './support/foundation.ts';
import type { Grant } from './support/grant.ts';
import { wildcardFinding } from './support/nag.ts';

/** What it takes to start, wake and look at promotions, for every function that does. */
export interface Starter {
  /** Whoever starts one may have to wake the one that it supersedes (`startPromotion`). */
  readonly start: readonly Grant[];
  /** Waking an execution whose token the caller has in its hand. */
  readonly wake: Grant;
  /** Waking one that left its token, sealed, in the table (`wakeParked`). */
  readonly wakeParked: readonly Grant[];
  readonly look: Grant;
}

/** Starting runs of provisioning. */
export function provisionStarter(scope: Construct, { key }: Foundation): Grant {
  const stateMachine = Stack.of(scope).formatArn({
    service: 'states',
    resource: 'stateMachine',
    resourceName: 'conveyor-provision',
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  });
  return {
    environment: { PROVISION_MACHINE_ARN: stateMachine },
    policy: [
      new PolicyStatement({ actions: ['states:StartExecution'], resources: [stateMachine] }),
      dataOf(stateMachine, key),
    ],
  };
}

/** Execution data is encrypted under the machine's own context (Step Functions guide, "Data at rest encryption"). */
function dataOf(stateMachine: string, key: Foundation['key']): PolicyStatement {
  return new PolicyStatement({
    actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
    resources: [key.keyArn],
    conditions: {
      StringEquals: { 'kms:EncryptionContext:aws:states:stateMachineArn': stateMachine },
    },
  });
}

/** By the machine's name, as it is made after the functions that it calls and that start it. */
export function promotionStarter(scope: Construct, { key, openTokens }: Foundation): Starter {
  const name = 'conveyor-promote';
  const arn = (resource: string, resourceName: string) =>
    Stack.of(scope).formatArn({
      service: 'states',
      resource,
      resourceName,
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    });
  const machine = arn('stateMachine', name);
  const executions = arn('execution', `${name}:*`);
  const environment = { PROMOTE_MACHINE_ARN: machine };
  const data = dataOf(machine, key);
  const may = (action: string, resource: string): Grant => ({
    environment,
    policy: [new PolicyStatement({ actions: [action], resources: [resource] }), data],
  });
  const wake = may('states:SendTaskSuccess', machine);
  return {
    start: [may('states:StartExecution', machine), wake, openTokens],
    wake,
    wakeParked: [wake, openTokens],
    look: {
      ...may('states:DescribeExecution', executions),
      accepted: [
        {
          finding: wildcardFinding(scope, executions),
          reason: 'Executions are named after promotions, which do not exist yet.',
        },
      ],
    },
  };
}
