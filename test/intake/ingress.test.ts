import { inspect } from 'node:util';
import { handle } from 'hono/aws-lambda';
import { describe, expect, it } from 'vitest';
import { ConveyorError } from '../../lambdas/domain/errors.ts';
import { R2ObjectCreated } from '../../lambdas/intake/webhook-event.ts';
import {
  ACCOUNT,
  batchOf,
  ONE,
  open,
  other,
  SECRET,
  SHA,
  told,
  upload,
  uploads,
} from './ingress-desk.ts';

describe('an upload that the worker tells', () => {
  it('goes to the bus as S3 would tell it, with the time when it happened', async () => {
    const { post, bus, reported } = open();

    const answer = await told(await post(ONE));

    expect(answer).toEqual([200, { accepted: 1, replayed: false }]);
    expect(bus.taken).toEqual([
      {
        source: 'conveyor.r2',
        detailType: 'Object Created',
        at: new Date('2025-12-31T23:59:59.379Z'),
        detail: {
          version: '0',
          bucket: { name: 'releases' },
          object: {
            key: `payments/${SHA}.tar.gz`,
            size: 65_536,
            etag: 'c846ff7a18f28c2e262116d6e8719ef0',
          },
          reason: 'PutObject',
          r2: { account: ACCOUNT, eventId: 'm0', batch: 'b1' },
        },
      },
    ]);
    expect(R2ObjectCreated.parse(bus.taken[0]?.detail)).toEqual(bus.taken[0]?.detail);
    expect(reported).toEqual([]);
  });

  it('has its SHA-256 with it where R2 knows it', async () => {
    const { post, bus } = open();

    await post(batchOf([{ ...upload(), sha256: 'a'.repeat(64) }]));

    expect(R2ObjectCreated.parse(bus.taken[0]?.detail).r2.sha256).toBe('a'.repeat(64));
  });

  it('comes under either key while the secret is rotated', async () => {
    const { post, bus } = open();

    expect((await post(ONE)).status).toBe(200);
    expect((await post(batchOf([upload(1)]), other)).status).toBe(200);

    expect(bus.taken).toHaveLength(2);
  });

  it('comes with a hundred others', async () => {
    const { post, bus } = open();

    expect(await told(await post(batchOf(uploads(100))))).toEqual([
      200,
      { accepted: 100, replayed: false },
    ]);
    expect(bus.taken).toHaveLength(100);
  });

  it.each([true, false])('reaches the function by its URL, in base64: %s', async (base64) => {
    const { app, bus, headers } = open();
    const body = batchOf([{ ...upload(), key: `payments/ä-${SHA}.tar.gz` }]);

    const reply = await handle(app)({
      version: '2.0',
      routeKey: '$default',
      rawPath: '/r2',
      rawQueryString: '',
      headers: { ...headers(body), 'content-type': 'application/json', host: 'ingress.example' },
      requestContext: {
        domainName: 'ingress.example',
        http: { method: 'POST', path: '/r2', sourceIp: '192.0.2.1' },
      },
      body: base64 ? Buffer.from(body).toString('base64') : body,
      isBase64Encoded: base64,
    } as never);

    expect(reply).toMatchObject({ statusCode: 200 });
    expect(bus.taken).toMatchObject([{ detail: { object: { key: `payments/ä-${SHA}.tar.gz` } } }]);
  });
});

describe('the number of events', () => {
  it('is limited by minute and key, and those beyond are told when to come', async () => {
    const { post, clock, bus, table } = open({ eventsPerMinute: 100 });
    expect((await post(batchOf(uploads(60)))).status).toBe(200);
    clock.advance(1_000);
    expect((await post(batchOf(uploads(40)))).status).toBe(200);
    const before = table.contents;

    const beyond = await post(batchOf(uploads(1), 'b3'));
    expect(beyond.status).toBe(429);
    expect(beyond.headers.get('retry-after')).toBe('49');
    expect(table.contents).toEqual(before);
    expect((await post(ONE, other)).status).toBe(200);

    clock.advance(49_000);
    expect((await post(batchOf(uploads(100), 'b4'))).status).toBe(200);
    expect(bus.taken).toHaveLength(201);
  });

  it('is counted right by many at once', async () => {
    const { post, bus } = open({ eventsPerMinute: 100 });
    const posts = Array.from({ length: 4 }, (_, n) => post(batchOf(uploads(40), `b${n}`)));

    const statuses = (await Promise.all(posts)).map(({ status }) => status);

    expect(statuses.sort()).toEqual([200, 200, 429, 429]);
    expect(bus.taken).toHaveLength(80);
  });

  it('that cannot be counted for the crowd is refused as unavailable', async () => {
    const { post, table, bus } = open();
    table.write = async () => false;

    expect((await post(ONE)).status).toBe(503);

    expect(bus.calls).toEqual([]);
  });
});

it('keeps its secrets out of answers, log and table, whatever happens (T9)', async () => {
  const failing = new Error('SSM does not answer');
  const worlds = [open(), open({ secrets: () => Promise.reject(failing) })];
  const shown: unknown[] = [];
  for (const { post, request, headers, table, bus, noted, reported } of worlds) {
    const signature = headers(ONE)['x-conveyor-signature']?.slice(3);
    for (const response of [
      await post(ONE),
      await post(ONE),
      await post('{'),
      await request({
        method: 'POST',
        body: ONE,
        headers: { ...headers(ONE), 'x-conveyor-key': 'x' },
      }),
    ])
      shown.push(await response.text(), Object.fromEntries(response.headers));
    bus.refuse = () => 'InternalFailure';
    shown.push(await (await post(batchOf([upload(7)]))).text());
    shown.push(noted, table.contents, reported);
    shown.push(reported.map((error) => (error instanceof ConveyorError ? error.data : '')));
    expect(inspect(shown, { depth: 9 })).not.toContain(signature);
  }

  expect(inspect(shown, { depth: 9, showHidden: true })).not.toContain(SECRET);
  expect(worlds[1]?.reported).toContain(failing);
  expect(worlds[1]?.bus.calls).toEqual([]);
});
