import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoTable } from '../../lambdas/adapters/dynamo-table.ts';
import { SystemClock } from '../../lambdas/adapters/system-clock.ts';
import { type TableUnderTest, tableContract } from './table.contract.ts';

/** An account that nobody else uses. */
const ACCOUNT = '999999999999';

/** The contract over DynamoDB, or over who speaks like it at `endpoint`, in a table made for it. */
export function dynamoTableContract(endpoint: () => URL): void {
  let opened: Promise<TableUnderTest> | undefined;
  tableContract('in DynamoDB', () => {
    opened ??= openDynamoTable(endpoint());
    return opened;
  });
}

async function openDynamoTable(endpoint: URL): Promise<TableUnderTest> {
  const client = new DynamoDBClient({
    endpoint: endpoint.href,
    region: 'us-east-1',
    credentials: { accessKeyId: ACCOUNT, secretAccessKey: 'x' },
  });
  const TableName = `table-contract-${process.pid}-${Date.now()}`;
  await client.send(
    new CreateTableCommand({
      TableName,
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: [
        { AttributeName: 'pk', KeyType: 'HASH' },
        { AttributeName: 'sk', KeyType: 'RANGE' },
      ],
      AttributeDefinitions: [
        { AttributeName: 'pk', AttributeType: 'S' },
        { AttributeName: 'sk', AttributeType: 'S' },
      ],
    }),
  );
  let losing = false;
  // Within the SDK's own retry: the request arrived, its answer did not.
  client.middlewareStack.add(
    (next, { commandName }) =>
      async (args) => {
        const reply = await next(args);
        if (!losing || commandName !== 'TransactWriteItemsCommand') return reply;
        losing = false;
        throw Object.assign(new Error('the line was cut'), { name: 'TimeoutError' });
      },
    { step: 'finalizeRequest', priority: 'low', name: 'loseReply' },
  );
  return {
    table: new DynamoTable(client, TableName, new SystemClock()),
    loseNextReply: () => {
      losing = true;
    },
  };
}
