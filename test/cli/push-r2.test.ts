import { expect, it } from 'vitest';
import { MemoryObjects } from '../fakes/memory-objects.ts';
import { startS3Peer } from './s3-peer.ts';
import { KEY, openServiceDesk, releaseToR2, SHA } from './service-desk.ts';

const KEYS = { R2_ACCESS_KEY_ID: 'KEYOFR2', R2_SECRET_ACCESS_KEY: 'hunter2-of-r2' };

async function openR2Desk() {
  const bucket = new MemoryObjects();
  const [desk, r2] = await Promise.all([openServiceDesk(), startS3Peer({ releases: bucket })]);
  releaseToR2(desk, r2.endpoint, 'releases');
  return { ...desk, r2, bucket };
}

it('pushes to R2 with the keys of the environment, and tells them to nobody', async () => {
  const { run, r2, bucket, s3 } = await openR2Desk();

  const { code, out, err, json } = await run(['push', '--sha', SHA, '--json'], { env: KEYS });
  await r2.close();

  expect(code).toBe(0);
  expect(json.data).toMatchObject({
    outcome: 'pushed',
    store: { kind: 'r2', bucket: 'releases', account: 'c0'.repeat(16), endpoint: r2.endpoint },
  });
  expect(bucket.bytesOf(KEY)).toBeDefined();
  expect(r2.asked).toEqual([`HEAD /releases/${KEY} KEYOFR2`, `PUT /releases/${KEY} KEYOFR2`]);
  expect(s3.asked).toEqual([]);
  expect(`${out}${err}`).not.toContain('hunter2');
});

it.each(Object.keys(KEYS))('says that %s is missing, before the tree is packed', async (name) => {
  const { run, r2 } = await openR2Desk();

  const { code, json } = await run(['push', '--sha', SHA, '--json'], {
    env: { ...KEYS, [name]: '' },
  });
  await r2.close();

  expect([code, json.error?.code, r2.asked]).toEqual([4, 'NotAllowed', []]);
  expect(json.error?.message).toBe(
    `releases of this service are pushed to R2, and ${name} is not set`,
  );
  expect(JSON.stringify(json)).not.toContain('hunter2');
});
