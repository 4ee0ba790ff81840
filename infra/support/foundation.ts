import { CfnOutput, type RemovalPolicy, Stack } from 'aws-cdk-lib';
import { AttributeType, BillingMode, Table, TableEncryption } from 'aws-cdk-lib/aws-dynamodb';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { ConveyorConfig } from '../../lambdas/domain/config.ts';
import type { Grant } from './grant.ts';
import { accept } from './nag.ts';
import { StoredConfig } from './stored-config.ts';

export interface FoundationProps {
  readonly config: ConveyorConfig;
  readonly removalPolicy: RemovalPolicy;
}

/** What DynamoDB's guide asks for a writer of a table under a customer's key ("Authorizing use of your KMS key"). */
const WRITERS_KEY_ACTIONS = [
  'kms:Decrypt',
  'kms:Encrypt',
  'kms:GenerateDataKey',
  'kms:ReEncryptFrom',
  'kms:ReEncryptTo',
];

/** What every room stands on: the key, the table, the stored configuration, the queue for events that found no taker. */
export class Foundation extends Construct {
  readonly config: ConveyorConfig;
  readonly removalPolicy: RemovalPolicy;
  /** Encrypts the table, topics, executions, and the task tokens within the table. */
  readonly key: Key;
  readonly table: Table;
  readonly deadLetters: Queue;
  readonly readConfig: Grant;

  constructor(scope: Construct, id: string, props: FoundationProps) {
    super(scope, id);
    this.config = props.config;
    this.removalPolicy = props.removalPolicy;
    this.key = new Key(this, 'Key', {
      description: 'Conveyor: table, topics, executions, task tokens',
      enableKeyRotation: true,
      removalPolicy: props.removalPolicy,
    });
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
    this.readConfig = new StoredConfig(this, 'Config', { config: props.config }).read;
    this.deadLetters = new Queue(this, 'DeadLetters', {
      // Pushes and alarm times; nothing secret. With SQS's own key nobody who delivers here needs a right to ours.
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      removalPolicy: props.removalPolicy,
    });
    accept(this.deadLetters, 'AwsSolutions-SQS3', 'This is the dead-letter queue.');
    new CfnOutput(this, 'TableName', { value: this.table.tableName });
  }

  get readTable(): Grant {
    return this.useTable(['dynamodb:GetItem', 'dynamodb:Query'], ['kms:Decrypt']);
  }

  /** Reading and putting items, alone or in transactions. Nobody may scan or delete the table. */
  get writeTable(): Grant {
    return this.useTable(
      ['dynamodb:GetItem', 'dynamodb:Query', 'dynamodb:PutItem'],
      WRITERS_KEY_ACTIONS,
    );
  }

  /** Reading and putting items of these partitions (`*` may end one), and of no other. */
  countInTable(partitions: readonly string[]): Grant {
    return this.useTable(
      ['dynamodb:GetItem', 'dynamodb:PutItem'],
      WRITERS_KEY_ACTIONS,
      // AWS's own pattern ("Using IAM policy conditions for fine-grained access control", DynamoDB guide).
      { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': [...partitions] } },
    );
  }

  /** Beside writing: locks and places in the line go away. */
  get deleteFromTable(): Grant {
    return this.useTable(['dynamodb:DeleteItem'], []);
  }

  /** Encrypting a task token for the table. The promotion is the context, so no other ciphertext can pass for it. */
  get sealTokens(): Grant {
    return this.useTokens('kms:Encrypt');
  }

  get openTokens(): Grant {
    return this.useTokens('kms:Decrypt');
  }

  /** Publishing to an encrypted topic, by the key through SNS alone. */
  publishKeyPolicy(): PolicyStatement {
    return this.keyPolicyVia('sns', ['kms:Decrypt', 'kms:GenerateDataKey']);
  }

  /** CloudWatch's alarms reach an encrypted topic only where the key's own policy lets them. */
  letAlarmsUseKey(): void {
    this.key.grant(
      new ServicePrincipal('cloudwatch.amazonaws.com'),
      'kms:Decrypt',
      'kms:GenerateDataKey',
    );
  }

  private useTable(actions: string[], keyActions: string[], conditions = {}): Grant {
    const use = new PolicyStatement({ actions, resources: [this.table.tableArn], conditions });
    const decrypt = this.keyPolicyVia('dynamodb', [...keyActions, 'kms:DescribeKey']);
    return {
      environment: { TABLE_NAME: this.table.tableName },
      policy: keyActions.length > 0 ? [use, decrypt] : [use],
    };
  }

  private useTokens(action: string): Grant {
    return {
      environment: { KEY_ARN: this.key.keyArn },
      policy: [
        new PolicyStatement({
          actions: [action],
          resources: [this.key.keyArn],
          conditions: { StringLike: { 'kms:EncryptionContext:promotion': 'p_*' } },
        }),
      ],
    };
  }

  private keyPolicyVia(service: string, actions: string[]): PolicyStatement {
    const { region, urlSuffix } = Stack.of(this);
    return new PolicyStatement({
      actions,
      resources: [this.key.keyArn],
      conditions: { StringEquals: { 'kms:ViaService': `${service}.${region}.${urlSuffix}` } },
    });
  }
}
