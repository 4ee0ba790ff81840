import { describe, expect, it } from 'vitest';
import { batchOf, ONE, open, secret, told, UNSIGNED, upload, uploads } from './ingress-desk.ts';
import { signWebhook } from './sign-webhook.ts';

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
