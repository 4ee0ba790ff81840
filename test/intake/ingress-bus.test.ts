import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { expect, it } from 'vitest';
import { EventBridgeBus } from '../../lambdas/adapters/eventbridge-bus.ts';
import type { BusEvent } from '../../lambdas/ports/bus.ts';
import { jsonPeer, refusal } from '../adapters/json-peer.ts';
import { type BusUnderTest, busContract } from '../contract/bus.contract.ts';
import { MemoryBus } from '../fakes/memory-bus.ts';

interface Entry {
  readonly EventBusName: string;
  readonly Source: string;
  readonly DetailType: string;
  readonly Detail: string;
  /** Epoch seconds. */
  readonly Time: number;
}

busContract('in memory', async () => {
  const bus = new MemoryBus();
  return {
    bus,
    taken: () => bus.taken,
    refuse: (code) => {
      bus.refuse = code;
    },
    goDown: () => {
      bus.refuse = () => 'TimeoutError';
    },
    close: async () => {},
  };
});

busContract('EventBridge, over who speaks like it', async (): Promise<BusUnderTest> => {
  const taken: BusEvent[] = [];
  let refuse: (event: BusEvent) => string | undefined = () => undefined;
  let down = false;
  const put = (entry: Entry) => {
    const event: BusEvent = {
      source: entry.Source,
      detailType: entry.DetailType,
      detail: JSON.parse(entry.Detail),
      at: new Date(entry.Time * 1_000),
    };
    const ErrorCode = entry.EventBusName === 'conveyor' ? refuse(event) : 'InvalidArgument';
    if (ErrorCode !== undefined) return { ErrorCode, ErrorMessage: 'refused' };
    taken.push(event);
    return { EventId: `event-${taken.length}` };
  };
  const server = createServer(async (request: IncomingMessage, response: ServerResponse) => {
    if (down) return request.socket.destroy();
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { Entries } = JSON.parse(Buffer.concat(chunks).toString('utf8')) as { Entries: Entry[] };
    // As EventBridge does: more than ten are refused whole.
    if (request.headers['x-amz-target'] !== 'AWSEvents.PutEvents' || Entries.length > 10)
      return response
        .writeHead(400, { 'content-type': 'application/x-amz-json-1.1' })
        .end(JSON.stringify({ __type: 'ValidationException', message: 'no' }));
    const results = Entries.map(put);
    const FailedEntryCount = results.filter((result) => 'ErrorCode' in result).length;
    return response
      .writeHead(200, { 'content-type': 'application/x-amz-json-1.1' })
      .end(JSON.stringify({ FailedEntryCount, Entries: results }));
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  const { port } = server.address() as AddressInfo;
  const client = new EventBridgeClient({
    endpoint: `http://127.0.0.1:${port}`,
    region: 'us-east-1',
    credentials: { accessKeyId: 'x', secretAccessKey: 'x' },
    maxAttempts: 1,
  });
  return {
    bus: new EventBridgeBus('conveyor', client),
    taken: () => taken,
    refuse: (code) => {
      refuse = code;
    },
    goDown: () => {
      down = true;
    },
    close: async () => {
      client.destroy();
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
});

it('counts an event that EventBridge says nothing about as not taken, and asks no more once it refuses a call', async () => {
  const peer = await jsonPeer(
    { status: 200, body: { FailedEntryCount: 0, Entries: [{ EventId: 'e' }] } },
    refusal(400, 'AccessDeniedException'),
  );
  const bus = new EventBridgeBus('conveyor', new EventBridgeClient(peer.client));
  const events = Array.from({ length: 31 }, (_, n) => ({
    source: 'conveyor.test',
    detailType: 'T',
    detail: { n },
    at: new Date(0),
  }));

  const untaken = await bus.put(events);

  expect(untaken.map(({ code }) => code)).toEqual([
    ...Array(9).fill('NoAnswer'),
    ...Array(21).fill('AccessDeniedException'),
  ]);
  expect(untaken.some(({ retryable }) => retryable)).toBe(false);
  expect(peer.asked).toHaveLength(2);
  await peer.close();
});
