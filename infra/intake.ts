import { Duration, Stack } from 'aws-cdk-lib';
import { CfnEventBusPolicy, EventBus, Rule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { Construct } from 'constructs';
import { Ingress } from './ingress.ts';
import type { Starter } from './starter.ts';
import type { ReleaseStore } from './store.ts';
import type { Foundation } from './support/foundation.ts';
import { LambdaFn } from './support/lambda-fn.ts';
import { BUS_NAME } from './support/naming.ts';

export interface IntakeProps {
  readonly foundation: Foundation;
  readonly starter: Starter;
  readonly store: ReleaseStore;
}

/** The bus that environment accounts forward to, and the function that turns pushes into releases. */
export class Intake extends Construct {
  readonly bus: EventBus;

  constructor(scope: Construct, id: string, { foundation, starter, store }: IntakeProps) {
    super(scope, id);
    this.bus = new EventBus(this, 'Bus', { eventBusName: BUS_NAME });
    const accounts = [
      ...new Set(
        Object.values(foundation.config.environments).map(
          (environment) => environment.account as string,
        ),
      ),
    ];
    for (const account of accounts)
      new CfnEventBusPolicy(this, `From${account}`, {
        eventBusName: this.bus.eventBusName,
        statementId: `From${account}`,
        statement: {
          Effect: 'Allow',
          Principal: { AWS: `arn:${Stack.of(this).partition}:iam::${account}:root` },
          Action: 'events:PutEvents',
          Resource: this.bus.eventBusArn,
          // Nobody over there can invent an event of Conveyor's own sources.
          Condition: { StringEquals: { 'events:source': ['aws.ecr', 'aws.s3'] } },
        },
      });
    const imagePushed = new LambdaFn(this, 'ImagePushed', {
      name: 'image-pushed',
      description:
        'Conveyor intake: an ECR push becomes a release, and a promotion where its first stage promotes by itself',
      grants: [foundation.writeTable, foundation.readConfig, ...starter.start],
      deadLetters: foundation.deadLetters,
      removalPolicy: foundation.removalPolicy,
    });
    const objectUploaded = new LambdaFn(this, 'ObjectUploaded', {
      name: 'object-uploaded',
      description: 'Conveyor intake: an uploaded tarball is looked through and becomes a release',
      grants: [foundation.writeTable, foundation.readConfig, ...starter.start, ...store.read],
      deadLetters: foundation.deadLetters,
      // A whole processor (Lambda guide, "Configure Lambda function memory"): 5 GB are unpacked and hashed within the time.
      memorySize: 1_769,
      timeout: Duration.minutes(15),
      removalPolicy: foundation.removalPolicy,
    });
    store.announceTo(objectUploaded);
    const { r2 } = foundation.config.releaseStore;
    if (r2 !== undefined)
      new Ingress(this, 'Ingress', { foundation, bus: this.bus, r2, uploaded: objectUploaded });
    new Rule(this, 'Pushes', {
      eventBus: this.bus,
      description: 'Image pushes of the environments that releases come from',
      eventPattern: {
        source: ['aws.ecr'],
        detailType: ['ECR Image Action'],
        detail: { 'action-type': ['PUSH'], result: ['SUCCESS'] },
      },
      targets: [
        new LambdaFunction(imagePushed.function, {
          deadLetterQueue: foundation.deadLetters,
          retryAttempts: 185,
          maxEventAge: Duration.hours(24),
        }),
      ],
    });
  }
}
