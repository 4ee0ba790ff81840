import { describe, expect, it } from 'vitest';
import { ObjectCreated, readUpload } from '../../lambdas/intake/read-upload.ts';
import { dev, payments, relay } from '../promote/shop.ts';
import { World } from '../promote/world.ts';

const SHA = 'a1'.repeat(20);
const KEY = `relay/${SHA}.tar.gz`;
const TOOLS = '111111111111';
const STORE = `conveyor-store-${TOOLS}-us-east-1`;

/** "Object Created" as S3 tells it (Amazon S3 user guide, "EventBridge event message structure"). */
const event = (change: object = {}, bucket = STORE, key = KEY) => ({
  version: '0',
  id: '17793124-05d4-b198-2fde-7ededc63b103',
  source: 'aws.s3',
  'detail-type': 'Object Created',
  account: TOOLS,
  region: 'us-east-1',
  time: '2026-03-01T12:00:00Z',
  resources: [`arn:aws:s3:::${bucket}`],
  detail: { version: '0', bucket: { name: bucket }, object: { key, size: 1, etag: 'claimed' } },
  ...change,
});

const open = () => new World({ services: [payments, relay] });
const announce = (world: World, told: object) =>
  world.announceUpload(readUpload(ObjectCreated.parse(told)));

/** Nothing came of it but the refusal. */
async function untouched(world: World): Promise<void> {
  await world.settle();
  expect(await world.ports.releases.list(relay, 10)).toEqual([]);
  expect(await world.ports.releases.list(payments, 10)).toEqual([]);
  expect(await world.history(relay, dev)).toEqual([]);
  expect(world.ledger.text('manifest.dev.yaml')).toContain('relay:\n  version: "0"');
}

describe('a forged event of an upload', () => {
  const r2 = {
    source: 'conveyor.r2',
    detail: {
      bucket: { name: STORE },
      object: { key: KEY },
      r2: { account: TOOLS },
    },
  };

  it.each<[string, object, string]>([
    ['of another account', event({ account: '999999999999' }), 'bucket'],
    ['of a bucket that is not the release store', event({}, 'somebody-elses-bucket'), 'bucket'],
    [
      'of an environment’s own bucket, where promotions put things',
      event({}, 'conveyor-dev-222222222222-us-east-1'),
      'bucket',
    ],
    ['of R2, for a service whose releases come to S3', event(r2), 'bucket'],
    [
      'for a service whose artifact is an image',
      event({}, STORE, `payments/${SHA}.tar.gz`),
      'service',
    ],
    ['for a service that nobody knows', event({}, STORE, `nobody/${SHA}.tar.gz`), 'service'],
    ['of a key that climbs', event({}, STORE, `relay/../payments/${SHA}.tar.gz`), 'key'],
    ['of a key that is half of one', event({}, STORE, `${KEY}\n`), 'key'],
    [
      'of an object that is not there',
      event({}, STORE, `relay/${'f'.repeat(40)}.tar.gz`),
      'artifact',
    ],
  ])('%s makes no release, and is on record (T2)', async (_, told, code) => {
    const world = open();
    world.store(relay, SHA);

    expect(await announce(world, told)).toMatchObject({ outcome: 'refused', code });

    expect(await world.ports.releases.refusals(10)).toMatchObject([{ code }]);
    await untouched(world);
  });

  it.each([
    ['of a source of its own', event({ source: 'aws.s3.evil' })],
    ['of another kind', event({ 'detail-type': 'Object Deleted' })],
    ['of R2, without an account', event({ ...r2, detail: { ...r2.detail, r2: {} } })],
  ])('%s is not even read as one (T2)', (_, told) => {
    expect(ObjectCreated.safeParse(told).success).toBe(false);
  });

  it('about what is really there says nothing that the bucket does not: its claims are not believed (T2)', async () => {
    const world = open();
    const { bucket, key } = world.store(relay, SHA);
    const object = await world.buckets[bucket]?.head(key);
    world.clock.advance(60_000);

    await announce(world, event({ time: '2001-01-01T00:00:00Z' }));
    await world.settle();

    expect(await world.history(relay, dev)).toMatchObject([
      { state: 'promoted', digest: object?.digest, pushedAt: object?.at },
    ]);
  });
});
