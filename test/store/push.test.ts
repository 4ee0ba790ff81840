import { randomBytes, randomFillSync } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CreateBucketCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { s3Client } from '../../lambdas/adapters/s3-client.ts';
import { S3Objects } from '../../lambdas/adapters/s3-objects.ts';
import { digestOf } from '../../lambdas/domain/digest.ts';
import { KEY, openServiceDesk, releaseToR2, SHA } from '../cli/service-desk.ts';
import { faultProxy } from './fault-proxy.ts';
import { type RunningStore, startStore } from './start-versitygw.ts';

const PUSH = ['push', '--sha', SHA, '--json'];

let store: RunningStore;
beforeAll(async () => {
  store = await startStore('auto');
});
afterAll(() => store.stop());

/** A service whose releases go to a bucket of the real server, as R2's. */
async function openDesk(endpoint = store.endpoint) {
  const desk = await openServiceDesk();
  const bucket = `releases-${randomBytes(8).toString('hex')}`;
  const client = s3Client({ region: 'auto', endpoint: store.endpoint, credentials: store });
  await client.send(new CreateBucketCommand({ Bucket: bucket }));
  releaseToR2(desk, endpoint, bucket);
  const env = {
    R2_ACCESS_KEY_ID: store.accessKeyId,
    R2_SECRET_ACCESS_KEY: store.secretAccessKey,
  };
  const objects = new S3Objects(client, bucket);
  return { ...desk, objects, push: () => desk.run(PUSH, { env }) };
}

describe('conveyor push, into a real store', () => {
  it.each([
    ['in one piece', 1_000],
    ['in parts', 20 * 1024 ** 2],
  ])('puts a release there %s, byte for byte, and once', async (_, size) => {
    const { push, root, objects } = await openDesk();
    writeFileSync(join(root, 'dist/large.bin'), randomFillSync(Buffer.alloc(size)));

    const first = await push();
    const stored = await objects.head(KEY);
    const second = await push();

    expect([first.code, second.code]).toEqual([0, 0]);
    expect(second.json.data).toMatchObject({ outcome: 'already-there' });
    if (stored === undefined) throw new Error('nothing is there');
    const chunks: Uint8Array[] = [];
    for await (const chunk of await objects.read(stored)) chunks.push(Uint8Array.from(chunk));
    expect(first.json.data).toMatchObject({
      outcome: 'pushed',
      digest: digestOf(Buffer.concat(chunks)),
      bytes: stored.bytes,
    });
    expect(stored).toMatchObject({
      digest: digestOf(Buffer.concat(chunks)),
      facts: { commit: SHA, builder: expect.stringContaining('person-li') },
    });
  });

  it('goes on where the line is cut in the middle of a part', async () => {
    let cuts = 0;
    const { endpoint } = await faultProxy(store.endpoint, (what) => {
      if (!what.includes('partNumber=2') || cuts >= 4) return undefined;
      cuts += 1;
      return { cutRequestAfter: 100_000 };
    });
    const { push, root, objects } = await openDesk(endpoint);
    const large = randomFillSync(Buffer.alloc(20 * 1024 ** 2));
    writeFileSync(join(root, 'dist/large.bin'), large);

    const { code, json } = await push();

    expect([code, cuts]).toEqual([0, 4]);
    expect((await objects.head(KEY))?.digest).toBe((json.data as { digest: string }).digest);
  });

  it('stops where other bytes are there, which stay', async () => {
    const { push, write, objects } = await openDesk();
    await push();
    const before = await objects.head(KEY);
    write('dist/relay.mjs', 'export const answer = 43;\n');

    const { code, json } = await push();

    expect([code, json.error?.code]).toEqual([1, 'DigestConflict']);
    expect(await objects.head(KEY)).toEqual(before);
  });

  it('is one release where two jobs push the same at once', async () => {
    const { push } = await openDesk();

    const both = await Promise.all([push(), push()]);

    expect(both.map(({ code }) => code)).toEqual([0, 0]);
    const outcomes = both.map(({ json }) => (json.data as { outcome: string }).outcome);
    expect(outcomes).toContain('pushed');
  });
});
