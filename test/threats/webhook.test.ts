import { describe, expect, it } from 'vitest';
import { ingressApp } from '../../lambdas/intake/ingress-app.ts';
import { ObjectCreated, readUpload } from '../../lambdas/intake/read-upload.ts';
import type { TakenIn } from '../../lambdas/intake/take-in.ts';
import { readWebhookSecret } from '../../lambdas/intake/webhook-secret.ts';
import { MemoryBus } from '../fakes/memory-bus.ts';
import { signWebhook } from '../intake/sign-webhook.ts';
import { dev, qa, relay } from '../promote/shop.ts';
import { World } from '../promote/world.ts';

const SHA = 'a1'.repeat(20);
const secret = readWebhookSecret(`first:${'s'.repeat(40)}`, '/first');
const stolen = readWebhookSecret(`first:${'t'.repeat(40)}`, '/first');

/** All of Conveyor behind the door that R2's worker knocks at. */
function open() {
  const world = new World({ services: [relay], tarballs: 'r2' });
  const bus = new MemoryBus();
  const app = ingressApp({
    table: world.table,
    bus,
    clock: world.clock,
    secrets: async () => [secret],
    eventsPerMinute: 1_000,
    note: () => {},
    report: (error) => {
      throw error;
    },
  });
  const upload = world.store(relay, SHA);
  const notice = (change: object = {}) => ({
    id: 'm0',
    account: upload.account,
    bucket: upload.bucket,
    key: upload.key,
    size: 1,
    etag: 'of-the-notice',
    action: 'PutObject',
    at: world.clock.now().toISOString(),
    ...change,
  });
  /** As the worker sends it, and the bus and intake go on with it. */
  const send = async (headers: Record<string, string>, body: string): Promise<number> => {
    const init = { method: 'POST', body, headers };
    return (await app.request('https://ingress.example/r2', init)).status;
  };
  const batch = (event: object) => JSON.stringify({ schema: 1, batch: 'b0', events: [event] });
  const signed = (body: string, by = secret) => signWebhook(by, world.clock.now(), body);
  const tell = (event: object, by = secret) => send(signed(batch(event), by), batch(event));
  /** What intake makes of all that is on the bus. */
  const takeIn = async (): Promise<TakenIn[]> => {
    const told: TakenIn[] = [];
    for (const { source, detailType, at, detail } of bus.taken) {
      const event = { source, 'detail-type': detailType, time: at.toISOString(), detail };
      told.push(await world.announceUpload(readUpload(ObjectCreated.parse(event))));
    }
    await world.settle();
    return told;
  };
  return { world, bus, upload, notice, batch, signed, send, tell, takeIn };
}

describe('a notice of an upload', () => {
  it('is one promotion, whoever replays it how often, at once and again (T12)', async () => {
    const { world, bus, notice, batch, signed, send, takeIn } = open();
    const body = batch(notice());
    const headers = signed(body);

    const answers = await Promise.all(Array.from({ length: 5 }, () => send(headers, body)));
    world.clock.advance(299_000);
    answers.push(await send(headers, body));
    answers.push(await send(signed(body), body));
    world.clock.advance(301_000);
    answers.push(await send(headers, body));
    await takeIn();

    expect(answers).toEqual([200, 200, 200, 200, 200, 200, 200, 401]);
    expect(bus.taken.length).toBeGreaterThan(1);
    expect(await world.ports.releases.list(relay, 10)).toHaveLength(1);
    expect(await world.history(relay, dev)).toMatchObject([{ state: 'promoted', version: SHA }]);
  });

  it('that nobody signed who may, leaves no trace at all (T12)', async () => {
    const { world, bus, notice, batch, signed, send, tell } = open();
    const before = world.table.contents.length;
    const [honest, forged] = [batch(notice()), batch(notice({ id: 'm1' }))];

    const answers = [
      await tell(notice(), stolen),
      await send({}, honest),
      await send(signed(honest), forged),
    ];

    expect(answers).toEqual([401, 401, 401]);
    expect([bus.calls, world.table.contents.length]).toEqual([[], before]);
  });

  it.each([
    ['an object that nobody put', { key: `relay/${'f'.repeat(40)}.tar.gz` }, 'artifact'],
    ['a service that has none', { key: `payments/${SHA}.tar.gz` }, 'service'],
    ['another bucket', { bucket: 'elsewhere' }, 'bucket'],
    ['another account of Cloudflare', { account: '0'.repeat(32) }, 'bucket'],
    ['a key of no release', { key: 'relay/latest.tar.gz' }, 'key'],
  ])(
    'that is signed with a leaked secret makes no release of %s (T12)',
    async (_, forged, code) => {
      const { world, notice, tell, takeIn } = open();

      expect(await tell(notice(forged))).toBe(200);

      expect(await takeIn()).toMatchObject([{ outcome: 'refused', code }]);
      expect(await world.ports.releases.list(relay, 10)).toEqual([]);
      expect(await world.history(relay, dev)).toEqual([]);
    },
  );

  it('decides nothing by what it claims: size, digest and time are read from the bucket (T12)', async () => {
    const { world, upload, notice, tell, takeIn } = open();
    const object = await world.buckets[upload.bucket]?.head(upload.key);
    const claims = { size: 6_000_000_000, sha256: 'f'.repeat(64), at: '2001-01-01T00:00:00.000Z' };

    await tell(notice(claims));
    await takeIn();

    const [release, ...others] = await world.ports.releases.list(relay, 10);
    expect(others).toEqual([]);
    expect(release).toMatchObject({ digest: object?.digest, pushedAt: object?.at });
    expect((await world.line(relay, dev)).landed?.digest).toBe(object?.digest);
    expect(await world.history(relay, qa)).toEqual([]);
  });
});
