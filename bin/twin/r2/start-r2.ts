import { appendFileSync } from 'node:fs';
import {
  BucketAlreadyExists,
  BucketAlreadyOwnedByYou,
  CreateBucketCommand,
} from '@aws-sdk/client-s3';
import { s3Client } from '../../../lambdas/adapters/s3-client.ts';
import type { Places, Ports } from '../layout.ts';
import { SECRETS } from '../secrets.ts';
import { type OnObject, startR2Front } from './r2-front.ts';
import { startStoreBehind } from './store-behind.ts';
import { WorkerQueue } from './worker-queue.ts';

export const R2_ACCOUNT = '0f3c5e7a9b1d2f4e6a8c0b2d4f6e8a0c';
export const R2_BUCKET = 'wardnet-releases';

export interface R2 {
  readonly kind: 'versitygw' | 'emulator';
  readonly endpoint: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  readonly webhookSecret: string;
  /** What the worker could not bring to its end. */
  readonly deadLetters: readonly unknown[];
  /** Uploads are told of there from now on. */
  tell(ingress: string): void;
  /** @default every upload is announced */
  announce: (object: Parameters<OnObject>[0]) => boolean;
  close(): Promise<void>;
}

/** Cloudflare's side: a bucket, its event notifications, the queue and the shipped worker. */
export async function startR2(emulator: URL, places: Places, ports: Ports): Promise<R2> {
  const { r2: directory, r2Log: log } = places;
  const behind = await startStoreBehind({ emulator, port: ports.r2Store, directory, log });
  const { kind, credentials } = behind;
  const client = s3Client({ region: 'auto', endpoint: behind.endpoint.origin, credentials });
  let ingress: string | undefined;
  const queue = new WorkerQueue({
    bucket: R2_BUCKET,
    client,
    secret: SECRETS.webhook,
    log: (line) => appendFileSync(log, `${line}\n`),
    ingress: () => ingress,
  });
  const front = await startR2Front(behind.endpoint, ports.r2, (object) => {
    if (!r2.announce(object)) return;
    const { bucket, key, action } = object;
    queue.send({ account: R2_ACCOUNT, action, bucket, object: { key } });
  });
  const r2: R2 = {
    kind,
    endpoint: `http://127.0.0.1:${ports.r2}`,
    credentials,
    webhookSecret: SECRETS.webhook,
    deadLetters: queue.deadLetters,
    tell: (url) => {
      ingress = url;
    },
    announce: () => true,
    close: async () => {
      queue.close();
      front.closeAllConnections();
      await new Promise<void>((resolve) => front.close(() => resolve()));
      await behind.close();
    },
  };
  try {
    await client.send(new CreateBucketCommand({ Bucket: R2_BUCKET }));
  } catch (error) {
    // State is kept from one start to the next.
    if (!(error instanceof BucketAlreadyOwnedByYou || error instanceof BucketAlreadyExists)) {
      await r2.close();
      throw error;
    }
  }
  return r2;
}
