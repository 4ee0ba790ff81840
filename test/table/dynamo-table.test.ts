import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterEach, describe, expect, it } from 'vitest';
import { DynamoTable } from '../../lambdas/adapters/dynamo-table.ts';
import { Unavailable } from '../../lambdas/domain/errors.ts';
import type { Change } from '../../lambdas/ports/table.ts';
import { type JsonPeer, jsonPeer, type Reply, refusal } from '../adapters/json-peer.ts';
import { FixedClock } from '../fakes/fixed-clock.ts';

const TAKEN: Reply = { status: 200, body: {} };
const CHANGES: readonly Change[] = [{ pk: 'S#payments', sk: 'L', expected: 'absent', value: {} }];

const canceled = (...codes: readonly string[]) =>
  refusal(400, 'TransactionCanceledException', {
    CancellationReasons: codes.map((Code) => ({ Code })),
  });

let peer: JsonPeer | undefined;
afterEach(() => peer?.close());

async function tableBefore(...replies: readonly [Reply, ...Reply[]]): Promise<DynamoTable> {
  peer = await jsonPeer(...replies);
  return new DynamoTable(new DynamoDBClient(peer.client), 'conveyor', new FixedClock());
}

describe('a write while other transactions are at the same items', () => {
  it('is sent again, under the same request token, until it is taken', async () => {
    const table = await tableBefore(
      canceled('None', 'TransactionConflict'),
      canceled('TransactionConflict'),
      TAKEN,
    );

    expect(await table.write(CHANGES)).toBe(true);

    const tokens = peer?.asked.map(({ ClientRequestToken }) => ClientRequestToken);
    expect(tokens).toHaveLength(3);
    expect(new Set(tokens).size).toBe(1);
  });

  it('is worth another try later where they do not end, and is no lost race', async () => {
    const table = await tableBefore(canceled('TransactionConflict'));

    await expect(table.write(CHANGES)).rejects.toThrow(Unavailable);

    expect(peer?.asked).toHaveLength(6);
  });

  it('is lost where a condition does not hold, whatever else was said', async () => {
    const table = await tableBefore(canceled('TransactionConflict', 'ConditionalCheckFailed'), {
      status: 200,
      body: { Item: { pk: { S: 'S#payments' }, sk: { S: 'L' }, w: { S: 'somebody else' } } },
    });

    expect(await table.write(CHANGES)).toBe(false);
  });
});
