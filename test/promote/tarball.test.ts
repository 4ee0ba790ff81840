import { describe, expect, it } from 'vitest';
import { digestOf } from '../../lambdas/domain/digest.ts';
import { dev, li, payments, prod, qa, relay } from './shop.ts';
import { smallTarball } from './small-tarball.ts';
import { World } from './world.ts';

const FIRST = 'a1'.repeat(20);
const SECOND = 'b2'.repeat(20);
const SERVICES = ['payments', 'orders', 'relay'];

const worldOfTarballs = () => new World({ services: SERVICES });

/** What an environment's bucket has of a release. */
const arrived = (world: World, environment: string, sha: string) => {
  const [, bucket] =
    Object.entries(world.buckets).find(([name]) => name.startsWith(`conveyor-${environment}-`)) ??
    [];
  return bucket?.bytesOf(`relay/${sha}.tar.gz`);
};

describe('a tarball that was pushed to the release store', () => {
  it('goes into dev by itself, byte for byte, and the Ledger says its SHA', async () => {
    const world = worldOfTarballs();

    await world.announceUpload(world.store(relay, FIRST));
    await world.settle();

    const [promotion, ...others] = await world.history(relay, dev);
    expect(others).toEqual([]);
    expect(promotion).toMatchObject({
      state: 'promoted',
      version: FIRST,
      digest: digestOf(smallTarball(FIRST)),
      requestedBy: { automatic: 'intake' },
      source: { store: 's3', key: `relay/${FIRST}.tar.gz` },
      destination: { environment: 'dev', key: `relay/${FIRST}.tar.gz` },
      steps: {
        copy: { outcome: 'copied', bytes: smallTarball(FIRST).length },
        verify: { digest: digestOf(smallTarball(FIRST)), children: [] },
        ledger: { outcome: 'committed' },
      },
    });
    expect(arrived(world, 'dev', FIRST)).toEqual(smallTarball(FIRST));
    expect(world.ledger.text('manifest.dev.yaml')).toContain(`relay:\n  version: "${FIRST}"`);
    expect(arrived(world, 'qa', FIRST)).toBeUndefined();
  });

  it('goes through the stages, the gates and an approval, as an image does', async () => {
    const world = worldOfTarballs();
    await world.announceUpload(world.store(relay, FIRST));
    await world.settle();

    await world.promote(relay, qa);
    const id = await world.promote(relay, prod);
    expect(arrived(world, 'prod', FIRST)).toBeUndefined();
    await world.vote(id, li, 'approve');

    expect((await world.promotion(id)).state).toBe('promoted');
    expect(arrived(world, 'prod', FIRST)).toEqual(smallTarball(FIRST));
    expect(world.ledger.text('manifest.prod.yaml')).toContain(`relay:\n  version: "${FIRST}"`);
  });

  it('is rolled back by its SHA, without a byte moved', async () => {
    const world = worldOfTarballs();
    for (const sha of [FIRST, SECOND]) {
      world.clock.advance(60_000);
      await world.announceUpload(world.store(relay, sha));
      await world.settle();
    }
    expect((await world.line(relay, dev)).landed?.version).toBe(SECOND);

    const id = await world.promote(relay, dev, { kind: 'rollback' });

    expect(await world.promotion(id)).toMatchObject({
      state: 'promoted',
      version: FIRST,
      steps: { copy: { outcome: 'already-present', bytes: 0 } },
    });
    expect(world.ledger.text('manifest.dev.yaml')).toContain(`relay:\n  version: "${FIRST}"`);
  });

  it('is one release and one promotion however often it is told', async () => {
    const world = worldOfTarballs();
    const upload = world.store(relay, FIRST);

    await world.announceUpload(upload);
    await world.announceUpload(upload);
    await world.settle();
    await world.announceUpload({ ...upload, announcedBy: 'sweep' });
    await world.settle();

    expect(await world.history(relay, dev)).toHaveLength(1);
  });

  it('fails if somebody writes over it before it was copied, and nothing arrives', async () => {
    const world = worldOfTarballs();
    world.ports.executions.start = async () => 'later';
    const upload = world.store(relay, FIRST);
    await world.announceUpload(upload);
    const [{ id } = { id: undefined }] = await world.history(relay, dev);
    world.store(relay, FIRST, 'something else');

    const told = await world.announceUpload(upload);

    expect(id).toBeDefined();
    expect(told).toMatchObject({ outcome: 'refused', code: 'moved-object' });
    expect(arrived(world, 'dev', FIRST)).toBeUndefined();
  });
});

describe('an upload that is no release is refused, and says why', () => {
  const upload = { store: 's3' as const, account: '111111111111', announcedBy: 'event' as const };
  const bucket = 'conveyor-store-111111111111-us-east-1';
  const at = '2026-03-01T12:00:00.000Z';

  it.each([
    ['a key of another shape', `relay/${FIRST}.zip`, 'key'],
    ['a SHA that is cut short', 'relay/a1b2c3d.tar.gz', 'key'],
    ['a SHA in capitals', `relay/${FIRST.toUpperCase()}.tar.gz`, 'key'],
    ['a key that climbs', `../relay/${FIRST}.tar.gz`, 'key'],
    ['a service that nobody knows', `nobody/${FIRST}.tar.gz`, 'service'],
    ['a service that every object of JavaScript has', `constructor/${FIRST}.tar.gz`, 'service'],
    ['a service whose artifact is an image', `payments/${FIRST}.tar.gz`, 'service'],
    ['nothing there', `relay/${FIRST}.tar.gz`, 'artifact'],
  ])('%s', async (_, key, code) => {
    const world = worldOfTarballs();

    const told = await world.announceUpload({ ...upload, bucket, key, at });

    expect(told).toMatchObject({ outcome: 'refused', code });
    expect(await world.ports.releases.refusals(10)).toMatchObject([{ code, repository: bucket }]);
    expect(await world.history(relay, dev)).toEqual([]);
    expect(await world.history(payments, dev)).toEqual([]);
  });

  it.each([
    ['another bucket', { bucket: 'elsewhere' }],
    ['another account', { account: '999999999999' }],
    ['the other kind of store', { store: 'r2' as const }],
  ])('%s', async (_, change) => {
    const world = worldOfTarballs();
    const told = await world.announceUpload({ ...world.store(relay, FIRST), ...change });

    expect(told).toMatchObject({ outcome: 'refused', code: 'bucket' });
  });

  it.each([
    ['no bytes', Buffer.alloc(0)],
    ['no gzip', Buffer.from('plain')],
    ['a gzip that is cut short', smallTarball('x').subarray(0, 700)],
  ])('%s', async (_, bytes) => {
    const world = worldOfTarballs();

    const told = await world.announceUpload(world.store(relay, FIRST, bytes));

    expect(told).toMatchObject({ outcome: 'refused', code: 'artifact' });
    expect(await world.history(relay, dev)).toEqual([]);
  });

  it('bytes that are not what the uploader said', async () => {
    const world = worldOfTarballs();
    const upload = world.store(relay, FIRST);
    world.buckets[bucket]?.put(upload.key, smallTarball('other'), digestOf(smallTarball(FIRST)));

    const told = await world.announceUpload(upload);

    expect(told).toMatchObject({ outcome: 'refused', code: 'artifact' });
  });
});
