import { S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { S3Objects } from '../../lambdas/adapters/s3-objects.ts';
import { StoreRefused } from '../../lambdas/domain/errors.ts';
import { makeBucket, type RunningStore, startStore } from './start-versitygw.ts';

let store: RunningStore;
let bucket: string;
beforeAll(async () => {
  store = await startStore();
  bucket = await makeBucket(store);
});
afterAll(async () => store?.stop());

describe('a store', () => {
  it('whose clock, or ours, is off by an hour is told from one that forbids', async () => {
    const { endpoint, accessKeyId, secretAccessKey } = store;
    const client = new S3Client({
      endpoint,
      region: 'us-east-1',
      forcePathStyle: true,
      maxAttempts: 1,
      systemClockOffset: 3_600_000,
      credentials: { accessKeyId, secretAccessKey },
    });

    const listing = new S3Objects(client, bucket).list('relay/');

    await expect(listing).rejects.toThrow(/another time/);
    await expect(listing).rejects.toBeInstanceOf(StoreRefused);
  });
});
