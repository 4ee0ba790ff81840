import { CfnOutput, Duration } from 'aws-cdk-lib';
import { type EventBus, Rule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { FunctionUrlAuthType } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import type { ConveyorConfig } from '../lambdas/domain/config.ts';
import type { Foundation } from './support/foundation.ts';
import { LambdaFn } from './support/lambda-fn.ts';
import { readSecret } from './support/secrets.ts';

type R2 = NonNullable<ConveyorConfig['releaseStore']['r2']>;

export interface IngressProps {
  readonly foundation: Foundation;
  readonly bus: EventBus;
  readonly r2: R2;
  /** Takes in what the worker told of. */
  readonly uploaded: LambdaFn;
}

/** The door for R2's worker, which cannot put events on the bus itself. */
export class Ingress extends Construct {
  readonly door: LambdaFn;

  constructor(scope: Construct, id: string, { foundation, bus, r2, uploaded }: IngressProps) {
    super(scope, id);
    this.door = new LambdaFn(this, 'Door', {
      name: 'ingress',
      description: 'Conveyor intake: uploads to R2, told and signed by the worker, become events',
      grants: [
        // What was counted and what was seen before; nothing of promotions.
        foundation.countInTable(['N#*', 'W#*']),
        {
          environment: { EVENT_BUS_NAME: bus.eventBusName },
          policy: [
            new PolicyStatement({
              actions: ['events:PutEvents'],
              resources: [bus.eventBusArn],
              conditions: { StringEquals: { 'events:source': 'conveyor.r2' } },
            }),
          ],
        },
        ...r2.webhook.map((name) => readSecret(this, name)),
      ],
      environment: {
        WEBHOOK_SECRET_PARAMETERS: r2.webhook.join(','),
        WEBHOOK_EVENTS_PER_MINUTE: String(r2.eventsPerMinute),
      },
      // Cloudflare gives up after 30 seconds, and sends the batch again.
      timeout: Duration.seconds(25),
      removalPolicy: foundation.removalPolicy,
    });
    // Every request is signed by the worker and compared in constant time (`verifyWebhook`).
    const url = this.door.function.addFunctionUrl({ authType: FunctionUrlAuthType.NONE });
    new Rule(this, 'Uploads', {
      eventBus: bus,
      description: 'Tarballs that CI has put into R2, as the worker told',
      eventPattern: {
        source: ['conveyor.r2'],
        detailType: ['Object Created'],
        detail: { bucket: { name: [r2.bucket] } },
      },
      targets: [
        new LambdaFunction(uploaded.function, {
          deadLetterQueue: foundation.deadLetters,
          retryAttempts: 185,
          maxEventAge: Duration.hours(24),
        }),
      ],
    });
    new CfnOutput(this, 'IngressUrl', {
      value: `${url.url}r2`,
      description: 'Where the R2 worker sends its batches (its INGRESS_URL)',
    });
  }
}
