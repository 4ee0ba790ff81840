import { CreateBucketCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { ACCOUNTS, REGION } from '../../../bin/twin/layout.ts';
import { s3Client } from '../../../lambdas/adapters/s3-client.ts';
import { S3Objects } from '../../../lambdas/adapters/s3-objects.ts';
import { objectsContract } from '../../contract/objects.contract.ts';
import { fetchContract } from '../../contract/objects-fetch.contract.ts';
import { sharing } from '../../contract/objects-subject.ts';
import type { Use } from './support.ts';

/** The same contracts as over versitygw and in memory. */
export function objects(use: Use): void {
  const emulator = sharing(async () => {
    const client = s3Client({
      region: REGION,
      endpoint: use().endpoint.origin,
      credentials: { accessKeyId: ACCOUNTS.tools, secretAccessKey: 'twin' },
    });
    const [bucket, another] = ['contract-one', 'contract-two'];
    for (const Bucket of [bucket, another]) await client.send(new CreateBucketCommand({ Bucket }));
    return {
      objects: new S3Objects(client, bucket),
      another: { objects: new S3Objects(client, another), bucket: another },
      overwrite: async (Key, Body, digest) => {
        const Metadata = { 'conveyor-digest': digest };
        await client.send(new PutObjectCommand({ Bucket: another, Key, Body, Metadata }));
      },
      fetches: true,
      fetchesConditionally: true,
    };
  });
  objectsContract('against the emulator', emulator);
  fetchContract('against the emulator', emulator);
}
