import { CfnOutput, type RemovalPolicy } from 'aws-cdk-lib';
import { AttributeType, BillingMode, Table, TableEncryption } from 'aws-cdk-lib/aws-dynamodb';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { ConveyorConfig } from '../../lambdas/domain/config.ts';
import { StoredConfig } from './stored-config.ts';

export interface FoundationProps {
  readonly config: ConveyorConfig;
  readonly removalPolicy: RemovalPolicy;
}

/** What every room stands on: the key, the table, the stored configuration, the queue for events that found no taker. */
export class Foundation extends Construct {
  readonly config: ConveyorConfig;
  readonly removalPolicy: RemovalPolicy;
  /** Encrypts the table, topics, queues, executions, and the task tokens within the table. */
  readonly key: Key;
  readonly table: Table;
  readonly storedConfig: StoredConfig;
  readonly deadLetters: Queue;

  constructor(scope: Construct, id: string, props: FoundationProps) {
    super(scope, id);
    this.config = props.config;
    this.removalPolicy = props.removalPolicy;
    this.key = new Key(this, 'Key', {
      description: 'Conveyor: table, topics, queues, executions, task tokens',
      enableKeyRotation: true,
      removalPolicy: props.removalPolicy,
    });
    for (const service of ['events', 'sns', 'cloudwatch', 'scheduler'])
      this.key.grantEncryptDecrypt(new ServicePrincipal(`${service}.amazonaws.com`));
    this.table = new Table(this, 'Table', {
      partitionKey: { name: 'pk', type: AttributeType.STRING },
      sortKey: { name: 'sk', type: AttributeType.STRING },
      billingMode: BillingMode.PAY_PER_REQUEST,
      encryption: TableEncryption.CUSTOMER_MANAGED,
      encryptionKey: this.key,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      timeToLiveAttribute: 'ttl',
      removalPolicy: props.removalPolicy,
    });
    this.storedConfig = new StoredConfig(this, 'Config', { config: props.config });
    this.deadLetters = new Queue(this, 'DeadLetters', {
      encryption: QueueEncryption.KMS,
      encryptionMasterKey: this.key,
      enforceSSL: true,
      removalPolicy: props.removalPolicy,
    });
    new CfnOutput(this, 'TableName', { value: this.table.tableName });
  }

  /** Environment variables that every function with the table and the configuration reads. */
  get environment(): Record<string, string> {
    return {
      TABLE_NAME: this.table.tableName,
      CONFIG_PATH: this.storedConfig.path,
      KEY_ARN: this.key.keyArn,
    };
  }

  /** Reading and writing the table's items, and reading the configuration. Nothing may scan or delete the table. */
  tablePolicy(): PolicyStatement[] {
    return [
      new PolicyStatement({
        actions: [
          'dynamodb:GetItem',
          'dynamodb:Query',
          'dynamodb:PutItem',
          'dynamodb:UpdateItem',
          'dynamodb:DeleteItem',
          'dynamodb:ConditionCheckItem',
        ],
        resources: [this.table.tableArn],
      }),
      this.keyPolicy(),
      this.storedConfig.readPolicy(),
    ];
  }

  keyPolicy(): PolicyStatement {
    return new PolicyStatement({
      actions: ['kms:Decrypt', 'kms:Encrypt', 'kms:GenerateDataKey'],
      resources: [this.key.keyArn],
    });
  }
}
