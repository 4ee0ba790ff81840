import { createHash } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import { R2ObjectCreated } from '../../../lambdas/intake/webhook-event.ts';
import { readWebhookSecret } from '../../../lambdas/intake/webhook-secret.ts';
import { ACCOUNT, notification, openCloud } from './cloud.ts';

type Cloud = Awaited<ReturnType<typeof openCloud>>;
let cloud: Cloud | undefined;
afterEach(async () => {
  await cloud?.close();
  cloud = undefined;
});
async function open(options?: Parameters<typeof openCloud>[0]): Promise<Cloud> {
  cloud = await openCloud(options);
  return cloud;
}

const sha = (n: number) => n.toString(16).padStart(40, '0');
const keyOf = (n: number) => `payments/${sha(n)}.tar.gz`;
const soon = { timeout: 20_000, interval: 20 };
const keysOn = ({ bus }: Cloud) =>
  bus.taken.map(({ detail }) => (detail as R2ObjectCreated).object.key);
const whys = ({ logs }: Cloud, what: string) =>
  logs.filter((line) => line.what === what).map(({ why }) => why);

describe('an upload to R2', () => {
  it('reaches the bus, described by the bucket and not by the message', async () => {
    const world = await open();
    const sha256 = createHash('sha256').update('the bytes').digest('hex');
    const object = await world.releases.put(keyOf(1), 'the bytes', { sha256 });

    await world.queue.send(notification(keyOf(1), { action: 'CompleteMultipartUpload' }));

    await expect.poll(() => world.bus.taken.length, soon).toBe(1);
    const [event] = world.bus.taken;
    expect(event).toMatchObject({
      source: 'conveyor.r2',
      detailType: 'Object Created',
      at: object.uploaded,
      detail: {
        bucket: { name: 'releases' },
        object: { key: keyOf(1), size: 9, etag: object.etag },
        reason: 'CompleteMultipartUpload',
        r2: { account: ACCOUNT, sha256 },
      },
    });
    expect(R2ObjectCreated.parse(event?.detail)).toEqual(event?.detail);
    expect(world.answered).toEqual([200]);
  });

  it('waits while the ingress fails, and then arrives once', async () => {
    const world = await open();
    await world.releases.put(keyOf(1), 'the bytes');
    for (let time = 0; time < 3; time++) world.faults.push(new Response('', { status: 503 }));

    await world.queue.send(notification(keyOf(1)));

    await expect.poll(() => whys(world, 'told').length, soon).toBe(1);
    expect(world.answered).toEqual([503, 503, 503, 200]);
    expect(keysOn(world)).toEqual([keyOf(1)]);
    expect(world.deadLetters).toEqual([]);
  });

  it.each([
    ['a page that is not the ingress', () => new Response('<html>ok</html>')],
    ['a proxy that does not understand', () => new Response('<html>', { status: 400 })],
    ['a proxy with a limit of its own', () => Response.json({ error: 'large' }, { status: 413 })],
    ['an ingress that took fewer', () => Response.json({ accepted: 0, replayed: false })],
    [
      'a redirect',
      () => new Response('', { status: 307, headers: { location: 'https://elsewhere.example' } }),
    ],
    ['a limit', () => new Response('', { status: 429, headers: { 'retry-after': '0' } })],
    ['a URL that is not there yet', () => new Response('', { status: 403 })],
  ])('is not taken for told by %s', async (_, fault) => {
    const world = await open();
    await world.releases.put(keyOf(1), 'the bytes');
    world.faults.push(fault());

    await world.queue.send(notification(keyOf(1)));

    await expect.poll(() => whys(world, 'told').length, soon).toBe(1);
    expect(world.answered).toHaveLength(2);
    expect(keysOn(world)).toEqual([keyOf(1)]);
  });

  it('waits while the secret is rotated at one end only', async () => {
    const world = await open({ signsWith: `second:${'s'.repeat(64)}` });
    await world.releases.put(keyOf(1), 'the bytes');

    await world.queue.send(notification(keyOf(1)));
    await expect.poll(() => world.answered.length, soon).toBeGreaterThan(1);
    world.secrets.push(readWebhookSecret(`second:${'s'.repeat(64)}`, 'test'));

    await expect.poll(() => whys(world, 'told').length, soon).toBe(1);
    expect(new Set(world.answered.slice(0, -1))).toEqual(new Set([401]));
    expect(keysOn(world)).toEqual([keyOf(1)]);
  });

  it('told twice by R2 is told twice to the bus, as the same object', async () => {
    const world = await open();
    await world.releases.put(keyOf(1), 'the bytes');

    await world.queue.sendBatch([
      { body: notification(keyOf(1)) },
      { body: notification(keyOf(1)) },
    ]);

    await expect.poll(() => world.bus.taken.length, soon).toBe(2);
    const [one, two] = world.bus.taken.map(({ detail }) => R2ObjectCreated.parse(detail));
    expect(two?.object).toEqual(one?.object);
    expect(two?.r2.eventId).not.toBe(one?.r2.eventId);
  });

  it('goes with as many others as there are', async () => {
    const world = await open();
    const keys = Array.from({ length: 25 }, (_, n) => keyOf(n));
    for (const key of keys) await world.releases.put(key, key);

    await world.queue.sendBatch(keys.map((key) => ({ body: notification(key) })));

    await expect.poll(() => world.bus.taken.length, soon).toBe(25);
    expect(keysOn(world).sort()).toEqual(keys);
    expect(world.answered.length).toBeLessThan(25);
  });
});

it('under a key of no release is told as well: Conveyor refuses it where people see it', async () => {
  const world = await open();
  await world.releases.put('payments/latest.tar.gz', 'the bytes');

  await world.queue.send(notification('payments/latest.tar.gz'));

  await expect.poll(() => keysOn(world), soon).toEqual(['payments/latest.tar.gz']);
});

describe('what is none of Conveyor’s business', () => {
  it('is dropped with the reason, and what came with it goes on', async () => {
    const world = await open();
    await world.releases.put(keyOf(1), 'the bytes');

    await world.queue.sendBatch([
      { body: notification(keyOf(1), { action: 'DeleteObject' }) },
      { body: notification(keyOf(1)) },
    ]);

    await expect.poll(() => whys(world, 'told').length, soon).toBe(1);
    expect(keysOn(world)).toEqual([keyOf(1)]);
    expect(whys(world, 'dropped')).toEqual(['action DeleteObject']);
    expect(world.deadLetters).toEqual([]);
  });
});

describe('a dead letter', () => {
  it('is what the ingress never took, after the last retry', async () => {
    const world = await open({ maxRetries: 3 });
    await world.releases.put(keyOf(1), 'the bytes');
    for (let time = 0; time < 9; time++) world.faults.push(new Response('', { status: 503 }));

    await world.queue.send(notification(keyOf(1)));

    await expect.poll(() => world.deadLetters, soon).toEqual([notification(keyOf(1))]);
    expect(world.answered).toEqual([503, 503, 503, 503]);
    expect(world.bus.taken).toEqual([]);
  });

  it('is what the ingress refuses for good, at once and alone: what came with it goes on', async () => {
    const world = await open();
    // The worker sends nothing that this ingress refuses; one of another version may.
    const poison = keyOf(666);
    const keys = [keyOf(1), keyOf(2), poison, keyOf(3), keyOf(4)];
    for (const key of keys) await world.releases.put(key, key);
    world.refusal.of = (body) =>
      body.includes(poison)
        ? Response.json({ error: { code: 'InvalidInput' } }, { status: 400 })
        : undefined;

    await world.queue.sendBatch(keys.map((key) => ({ body: notification(key) })));

    await expect.poll(() => world.deadLetters, soon).toEqual([notification(poison)]);
    await expect.poll(() => world.bus.taken.length, soon).toBe(4);
    expect(keysOn(world).sort()).toEqual([keyOf(1), keyOf(2), keyOf(3), keyOf(4)]);
    expect(world.answered.filter((status) => status === 400).length).toBeGreaterThan(0);
  });

  it.each([
    ['no notification', { hello: 'world' }],
    ['about what is not there', notification(keyOf(2))],
    ['about another bucket', notification(keyOf(1), { bucket: 'other' })],
  ])('is a message that should not have come: %s', async (_, body) => {
    const world = await open();
    await world.releases.put(keyOf(1), 'the bytes');

    await world.queue.send(body);

    await expect.poll(() => world.deadLetters, soon).toEqual([body]);
    expect(world.answered).toEqual([]);
    expect(world.bus.taken).toEqual([]);
  });
});
