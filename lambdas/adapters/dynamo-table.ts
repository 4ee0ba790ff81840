import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  TransactionCanceledException,
} from '@aws-sdk/client-dynamodb';
import {
  DynamoDBDocumentClient,
  GetCommand,
  QueryCommand,
  TransactWriteCommand,
  type TransactWriteCommandInput,
} from '@aws-sdk/lib-dynamodb';
import { Unavailable } from '../domain/errors.ts';
import type { Clock } from '../ports/clock.ts';
import type { Change, Key, Stored, Table } from '../ports/table.ts';

/** Tries of one write while other transactions are at its items; pauses in milliseconds, doubled and jittered. */
const CONFLICTS = 6;
const FIRST_PAUSE = 10;

interface Row extends Key {
  readonly v: number;
  /** The write that made this version. */
  readonly w: string;
  readonly d: unknown;
}

/** The table in DynamoDB. `pk`, `sk`, version `v`, writer `w`, content `d`, and `ttl` where it may vanish. */
export class DynamoTable implements Table {
  private readonly client: DynamoDBDocumentClient;

  constructor(
    client: DynamoDBClient,
    private readonly name: string,
    private readonly clock: Clock,
  ) {
    this.client = DynamoDBDocumentClient.from(client, {
      marshallOptions: { removeUndefinedValues: true },
    });
  }

  async get<T>({ pk, sk }: Key): Promise<Stored<T> | undefined> {
    const row = await this.row({ pk, sk });
    return row === undefined ? undefined : stored<T>(row);
  }

  async query<T>(
    pk: string,
    skPrefix: string,
    options: { limit?: number; newestFirst?: boolean } = {},
  ): Promise<readonly Stored<T>[]> {
    // A key is never empty, not even to begin with (DynamoDB API, "Query").
    const condition =
      skPrefix === ''
        ? { KeyConditionExpression: 'pk = :pk', ExpressionAttributeValues: { ':pk': pk } }
        : {
            KeyConditionExpression: 'pk = :pk AND begins_with(sk, :sk)',
            ExpressionAttributeValues: { ':pk': pk, ':sk': skPrefix },
          };
    const rows: Row[] = [];
    let from: Record<string, unknown> | undefined;
    do {
      const page = await this.client.send(
        new QueryCommand({
          TableName: this.name,
          ...condition,
          ConsistentRead: true,
          ScanIndexForward: options.newestFirst !== true,
          Limit: options.limit,
          ExclusiveStartKey: from,
        }),
      );
      rows.push(...((page.Items ?? []) as Row[]));
      from = page.LastEvaluatedKey;
    } while (from !== undefined && (options.limit === undefined || rows.length < options.limit));
    return rows.slice(0, options.limit).map((row) => stored<T>(row));
  }

  async write(changes: readonly Change[]): Promise<boolean> {
    const writer = this.clock.ulid();
    for (let attempt = 1; attempt <= CONFLICTS; attempt++) {
      const wrote = await this.tryWrite(changes, writer);
      if (wrote !== 'conflict') return wrote;
      await this.clock.sleep(this.clock.random() * FIRST_PAUSE * 2 ** attempt);
    }
    throw new Unavailable(`The table did not take ${changes.length} changes: TransactionConflict`);
  }

  /** `conflict`: another transaction was at the same items, which says nothing about what they hold. */
  private async tryWrite(
    changes: readonly Change[],
    writer: string,
  ): Promise<boolean | 'conflict'> {
    try {
      await this.client.send(
        new TransactWriteCommand({
          ClientRequestToken: writer,
          TransactItems: changes.map((change) => this.item(change, writer)),
        }),
      );
      return true;
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return this.wasOurs(changes, writer);
      if (!(error instanceof TransactionCanceledException)) throw error;
      const codes = (error.CancellationReasons ?? []).map((reason) => reason.Code);
      if (codes.includes('ConditionalCheckFailed')) return this.wasOurs(changes, writer);
      if (codes.includes('TransactionConflict')) return 'conflict';
      throw new Unavailable(
        `The table did not take ${changes.length} changes: ${codes.join(', ')}`,
        { cause: error },
      );
    }
  }

  /** After a lost reply the SDK's own retry meets our own effect: that is success. */
  private async wasOurs(changes: readonly Change[], writer: string): Promise<boolean> {
    const put = changes.find((change) => change.value !== undefined);
    return put !== undefined && (await this.row(put))?.w === writer;
  }

  private async row({ pk, sk }: Key): Promise<Row | undefined> {
    const reply = await this.client.send(
      new GetCommand({ TableName: this.name, Key: { pk, sk }, ConsistentRead: true }),
    );
    return reply.Item as Row | undefined;
  }

  /** Later than any version that an item of this name had before it was deleted; who read that one must not match. */
  private firstVersion(): number {
    return this.clock.now().getTime() * 1_024 + Math.floor(this.clock.random() * 1_024);
  }

  private item(
    change: Change,
    writer: string,
  ): NonNullable<TransactWriteCommandInput['TransactItems']>[number] {
    const condition =
      change.expected === 'any'
        ? {}
        : change.expected === 'absent'
          ? { ConditionExpression: 'attribute_not_exists(pk)' }
          : { ConditionExpression: 'v = :v', ExpressionAttributeValues: { ':v': change.expected } };
    const { pk, sk } = change;
    if (change.value === undefined)
      return { Delete: { TableName: this.name, Key: { pk, sk }, ...condition } };
    const v = typeof change.expected === 'number' ? change.expected + 1 : this.firstVersion();
    return {
      Put: {
        TableName: this.name,
        Item: { pk, sk, v, w: writer, d: change.value, ttl: change.ttl },
        ...condition,
      },
    };
  }
}

function stored<T>(row: Row): Stored<T> {
  return { pk: row.pk, sk: row.sk, version: row.v, value: row.d as T };
}
