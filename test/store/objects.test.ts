import { PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll } from 'vitest';
import { S3Objects } from '../../lambdas/adapters/s3-objects.ts';
import { objectsContract } from '../contract/objects.contract.ts';
import { fetchContract } from '../contract/objects-fetch.contract.ts';
import { sharing } from '../contract/objects-subject.ts';
import { makeBucket, type RunningStore, startStore, storeClient } from './start-versitygw.ts';

let running: RunningStore | undefined;

afterAll(async () => running?.stop());

const versitygw = sharing(async () => {
  running = await startStore();
  const client = storeClient(running);
  const [bucket, another] = await Promise.all([makeBucket(running), makeBucket(running)]);
  return {
    objects: new S3Objects(client, bucket),
    another: { objects: new S3Objects(client, another), bucket: another },
    overwrite: async (Key, Body, digest) => {
      const Metadata = { 'conveyor-digest': digest };
      await client.send(new PutObjectCommand({ Bucket: another, Key, Body, Metadata }));
    },
    fetches: true,
    // It does not look at If-None-Match of a CopyObject, which S3 does ("Conditional writes", S3 user guide).
    fetchesConditionally: false,
  };
});

objectsContract('over HTTP, against versitygw', versitygw);
fetchContract('over HTTP, against versitygw', versitygw);
