import { inspect } from 'node:util';
import { handle } from 'hono/aws-lambda';
import { describe, expect, it } from 'vitest';
import { ConveyorError } from '../../lambdas/domain/errors.ts';
import { ingressApp } from '../../lambdas/intake/ingress-app.ts';
import { R2ObjectCreated } from '../../lambdas/intake/webhook-event.ts';
import { readWebhookSecret } from '../../lambdas/intake/webhook-secret.ts';
import { FixedClock } from '../fakes/fixed-clock.ts';
import { MemoryBus } from '../fakes/memory-bus.ts';
import { MemoryTable } from '../fakes/memory-table.ts';
import { signWebhook } from './sign-webhook.ts';

const START = '2026-01-01T00:00:10.000Z';
const SECRET = 'correct-horse-battery-staple-00000';
const secret = readWebhookSecret(`first:${SECRET}`, '/first');
const other = readWebhookSecret(`second:${'s'.repeat(40)}`, '/second');
const ACCOUNT = '3f4b7e3dcab231cbfdaa90a6a28bd548';
const SHA = '0123456789abcdef0123456789abcdef01234567';

const upload = (n = 0) => ({
  id: `m${n}`,
  account: ACCOUNT,
  bucket: 'releases',
  key: `payments/${SHA}.tar.gz`,
  size: 65_536,
  etag: 'c846ff7a18f28c2e262116d6e8719ef0',
  action: 'PutObject',
  at: '2025-12-31T23:59:59.379Z',
});
const uploads = (count: number) => Array.from({ length: count }, (_, n) => upload(n));
const batchOf = (events: readonly object[], batch = 'b1') =>
  JSON.stringify({ schema: 1, batch, events });
const ONE = batchOf([upload()]);

function open({ eventsPerMinute = 1_000, secrets = async () => [secret, other] } = {}) {
  const clock = new FixedClock(START);
  const [table, bus] = [new MemoryTable(), new MemoryBus()];
  const noted: [string, Readonly<Record<string, unknown>>][] = [];
  const reported: unknown[] = [];
  const app = ingressApp({
    table,
    bus,
    clock,
    secrets,
    eventsPerMinute,
    note: (...line) => noted.push(line),
    report: (error) => reported.push(error),
  });
  const request = async (init: RequestInit & { duplex?: 'half' }, path = '/r2') =>
    app.request(`https://ingress.example${path}`, init);
  const headers = (body: string, by = secret) => signWebhook(by, clock.now(), body);
  const post = (body: string, by = secret) =>
    request({ method: 'POST', body, headers: headers(body, by) });
  return { app, clock, table, bus, noted, reported, request, headers, post };
}
const told = async (response: Response) => [response.status, await response.json()];
const UNSIGNED = [
  401,
  { error: { code: 'NotAllowed', message: 'The request is not signed as it must be' } },
];
const UNAVAILABLE = { code: 'Unavailable', message: 'Conveyor cannot take this now' };

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

describe('a request that is not signed as it must be', () => {
  it('gets the same answer whatever is wrong, and changes nothing (T12)', async () => {
    const { request, headers, clock, table, bus, noted } = open();
    const good = headers(ONE);
    const without = (name: string) =>
      Object.fromEntries(Object.entries(good).filter(([one]) => one !== name));
    const at = (seconds: number) =>
      signWebhook(secret, new Date(clock.now().getTime() + seconds * 1_000), ONE);

    const answers = [];
    for (const wrong of [
      {},
      ...Object.keys(good).map(without),
      { ...good, 'x-conveyor-key': 'nobody' },
      { ...good, 'x-conveyor-key': 'second' },
      { ...good, 'x-conveyor-signature': 'v1=00' },
      { ...good, 'x-conveyor-signature': `v1=${'0'.repeat(64)}` },
      headers(`${ONE} `),
      at(-301),
      at(301),
    ])
      answers.push(await told(await request({ method: 'POST', body: ONE, headers: wrong })));

    expect(answers).toHaveLength(11);
    for (const answer of answers) expect(answer).toEqual(UNSIGNED);
    expect(bus.calls).toEqual([]);
    expect(table.contents).toEqual([]);
    expect(new Set(noted.map(([, { reason }]) => reason))).toEqual(
      new Set(['unsigned', 'malformed', 'unknown key', 'wrong signature', 'stale', 'future']),
    );
  });

  it('is not parsed, however odd', async () => {
    const { request, headers } = open();

    const answer = await request({ method: 'POST', body: '{"schema"', headers: headers(ONE) });

    expect(await told(answer)).toEqual(UNSIGNED);
  });

  it.each(['GET', 'PUT', 'DELETE', 'OPTIONS'])('is not at home with %s', async (method) => {
    const { request, headers } = open();

    expect((await request({ method, headers: headers('') })).status).toBe(404);
    expect((await request({ method: 'POST', headers: headers('') }, '/')).status).toBe(404);
  });
});

describe('a body that is too large', () => {
  it('is refused by what it says of itself, without a byte being read', async () => {
    const { request, bus } = open();
    const { body, pulled } = endless();

    const response = await request({
      method: 'POST',
      body,
      duplex: 'half',
      headers: { 'content-length': String(256 * 1_024 + 1) },
    });

    expect(response.status).toBe(413);
    expect(pulled()).toBe(0);
    expect(bus.calls).toEqual([]);
  });

  it.each([{}, { 'content-length': '10' }])(
    'is not read on, whatever it says: %o',
    async (headers) => {
      const { request } = open();
      const { body, pulled, cancelled } = endless();

      const response = await request({ method: 'POST', body, duplex: 'half', headers });

      expect(response.status).toBe(413);
      expect(pulled()).toBeLessThanOrEqual(5);
      expect(cancelled()).toBe(true);
    },
  );

  it('may be as large as the limit', async () => {
    const { post, request, headers } = open();
    const fitting = ONE.padEnd(256 * 1_024);
    const body = `${fitting} `;

    expect((await post(fitting)).status).toBe(200);
    expect((await request({ method: 'POST', body, headers: headers(body) })).status).toBe(413);
  });
});

describe('a signed body of another shape', () => {
  it.each<[string, string, string[]]>([
    ['no JSON', '{', ['body: ']],
    ['no UTF-8 text', '\u0000', ['body: ']],
    ['no batch', '[]', ['body: ']],
    ['a later schema', JSON.stringify({ schema: 2, batch: 'b', events: [upload()] }), ['schema: ']],
    ['no events', batchOf([]), ['events: ']],
    ['too many events', batchOf(uploads(101)), ['events: ']],
    ['something more', batchOf([{ ...upload(), more: 1 }]), ['events.0: ']],
    [
      'fields that are not so',
      batchOf([upload(), { ...upload(), size: -1, key: 'a\nb', action: 'DeleteObject' }]),
      ['events.1.key: ', 'events.1.size: ', 'events.1.action: '],
    ],
  ])('with %s is refused for good, with the fields', async (_, body, fields) => {
    const { post, bus, table } = open();

    const [status, { error }] = (await told(await post(body))) as [number, never];

    expect(status).toBe(400);
    expect(error).toMatchObject({
      code: 'InvalidInput',
      fields: fields.map((start) => expect.stringContaining(start)),
    });
    expect([bus.calls, table.contents]).toEqual([[], []]);
  });
});

describe('the same request again', () => {
  it('is answered as before and puts nothing on the bus, as long as it is valid (T12)', async () => {
    const { request, headers, clock, bus } = open();
    const init = { method: 'POST', body: ONE, headers: headers(ONE) };
    await request(init);

    clock.advance(300_000);
    const again = await told(await request(init));
    clock.advance(1_000);
    const stale = await told(await request(init));

    expect(again).toEqual([200, { accepted: 1, replayed: true }]);
    expect(stale).toEqual(UNSIGNED);
    expect(bus.taken).toHaveLength(1);
  });

  it('is remembered beyond its validity, and may be forgotten then', async () => {
    const { request, headers, clock, table } = open();
    await request({ method: 'POST', body: ONE, headers: headers(ONE) });
    const kept = () => table.contents.filter(({ pk }) => pk.startsWith('N#')).length;

    table.expire(new Date(clock.now().getTime() + 301_000));
    expect(kept()).toBe(1);
    table.expire(new Date(clock.now().getTime() + 600_000));
    expect(kept()).toBe(0);
  });

  it('at the same moment loses nothing: put once or twice, remembered once', async () => {
    const { request, headers, bus, table } = open();
    const init = { method: 'POST', body: ONE, headers: headers(ONE) };

    const answers = await Promise.all(
      [request(init), request(init)].map(async (r) => told(await r)),
    );

    for (const answer of answers) expect(answer).toMatchObject([200, { accepted: 1 }]);
    expect([1, 2]).toContain(bus.taken.length);
    expect(table.contents.filter(({ pk }) => pk.startsWith('N#'))).toHaveLength(1);
  });

  it('signed anew is another one: the bus has the events twice, with the same ids', async () => {
    const { post, clock, bus } = open();
    await post(ONE);
    clock.advance(1_000);

    expect(await told(await post(ONE))).toEqual([200, { accepted: 1, replayed: false }]);

    expect(bus.taken).toHaveLength(2);
    expect(bus.taken[1]).toEqual(bus.taken[0]);
  });
});

describe('a bus that does not take everything', () => {
  const idOf = (event: { detail: object }) => (event.detail as R2ObjectCreated).r2.eventId;

  it('is given again only what it did not take', async () => {
    const { post, bus, clock } = open();
    let refusals = 2;
    bus.refuse = (event) =>
      idOf(event) === 'm3' && refusals-- > 0 ? 'ThrottlingException' : undefined;

    expect(await told(await post(batchOf(uploads(12))))).toEqual([
      200,
      { accepted: 12, replayed: false },
    ]);

    expect(bus.calls.map((call) => call.map(idOf))).toEqual([
      uploads(12).map(({ id }) => id),
      ['m3'],
      ['m3'],
    ]);
    expect(clock.slept).toHaveLength(2);
  });

  it('is told to the queue with how many it took, and the batch then comes again whole', async () => {
    const { request, headers, bus, reported } = open();
    const body = batchOf(uploads(12));
    const init = { method: 'POST', body, headers: headers(body) };
    bus.refuse = (event) => (idOf(event) === 'm3' ? 'InternalFailure' : undefined);

    expect(await told(await request(init))).toEqual([503, { error: UNAVAILABLE, accepted: 11 }]);
    expect(bus.calls).toHaveLength(3);
    expect(String(reported[0])).toContain('1 of 12 events: InternalFailure');

    bus.refuse = () => undefined;
    expect(await told(await request(init))).toEqual([200, { accepted: 12, replayed: false }]);
    expect(new Set(bus.taken.map(idOf)).size).toBe(12);
  });

  it('is not asked again at once for what would be refused again', async () => {
    const { post, bus } = open();
    bus.refuse = () => 'NotAuthorizedForSourceException';

    expect(await told(await post(ONE))).toEqual([503, { error: UNAVAILABLE, accepted: 0 }]);

    expect(bus.calls).toHaveLength(1);
  });
});

describe('a table that fails', () => {
  it('lets nobody through uncounted, and loses nothing: the queue is told to come again', async () => {
    const { post, table, bus, reported } = open();
    table.get = async () => {
      throw Object.assign(new Error('no table'), { name: 'InternalServerError' });
    };

    expect(await told(await post(ONE))).toEqual([503, { error: UNAVAILABLE, accepted: 0 }]);

    expect(bus.calls).toEqual([]);
    expect(reported).toHaveLength(1);
  });

  it('between bus and memory lets the same batch come again: at least once, never lost', async () => {
    const { request, headers, table, bus } = open();
    const init = { method: 'POST', body: ONE, headers: headers(ONE) };
    let dies = true;
    table.beforeWrite = ([change]) => {
      if (dies && change?.pk.startsWith('N#')) throw new Error('the function died');
    };

    const first = await told(await request(init));
    dies = false;
    const second = await told(await request(init));
    const third = await told(await request(init));

    expect(first).toEqual([503, { error: UNAVAILABLE, accepted: 1 }]);
    expect(second).toEqual([200, { accepted: 1, replayed: false }]);
    expect(third).toEqual([200, { accepted: 1, replayed: true }]);
    expect(bus.taken).toHaveLength(2);
    expect(bus.taken[1]).toEqual(bus.taken[0]);
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

/** A body of more than anybody should read, and how much of it was asked for. */
function endless() {
  let pulls = 0;
  let gone = false;
  const body = new ReadableStream<Uint8Array>(
    {
      pull: (controller) => {
        pulls += 1;
        if (pulls > 100) controller.error(new Error('it is being read on and on'));
        else controller.enqueue(new Uint8Array(64 * 1_024));
      },
      cancel: () => {
        gone = true;
      },
    },
    { highWaterMark: 0 },
  );
  return { body, pulled: () => pulls, cancelled: () => gone };
}
