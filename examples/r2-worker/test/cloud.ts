import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { getRequestListener } from '@hono/node-server';
import { build } from 'esbuild';
import { Miniflare } from 'miniflare';
import { SystemClock } from '../../../lambdas/adapters/system-clock.ts';
import { ingressApp } from '../../../lambdas/intake/ingress-app.ts';
import { readWebhookSecret } from '../../../lambdas/intake/webhook-secret.ts';
import { MemoryBus } from '../../../test/fakes/memory-bus.ts';
import { MemoryTable } from '../../../test/fakes/memory-table.ts';
import { settings } from './settings.ts';

export const SECRET = 'first:correct-horse-battery-staple-00000';
export const ACCOUNT = '3f4b7e3dcab231cbfdaa90a6a28bd548';
const { consumer, producer, bucket } = settings;

/** Reads the dead letters and tells the test of them. */
const UNDERTAKER = `export default {
  async queue(batch, env) {
    for (const { body } of batch.messages)
      await fetch(env.TELL, { method: 'POST', body: JSON.stringify(body) });
  },
};`;

interface Options {
  /** What the worker signs with. @default the secret of the ingress */
  readonly signsWith?: string;
  /** @default as shipped */
  readonly maxRetries?: number;
}

/**
 * The shipped worker in workerd, behind a real queue and before a real R2 bucket, and Conveyor's own ingress as its
 * peer, over HTTP.
 */
export async function openCloud({ signsWith = SECRET, maxRetries }: Options = {}) {
  const [table, bus] = [new MemoryTable(), new MemoryBus()];
  const reported: unknown[] = [];
  const deadLetters: unknown[] = [];
  const logs: Readonly<Record<string, unknown>>[] = [];
  /** Answers given in the ingress's place, in turn; and what is answered so because of its body. */
  const faults: Response[] = [];
  const refusal: { of: (body: string) => Response | undefined } = { of: () => undefined };
  /** Statuses that the worker got, in order. */
  const answered: number[] = [];
  const secrets = [readWebhookSecret(SECRET, 'test')];
  const app = ingressApp({
    table,
    bus,
    clock: new SystemClock(),
    secrets: async () => secrets,
    eventsPerMinute: 1_000,
    note: () => {},
    report: (error) => reported.push(error),
  });
  const listener = getRequestListener(async (request) => {
    if (new URL(request.url).pathname === '/dead') {
      deadLetters.push(await request.json());
      return new Response();
    }
    const body = await request.clone().text();
    const response = faults.shift() ?? refusal.of(body) ?? (await app.fetch(request));
    answered.push(response.status);
    return response;
  });
  const server = createServer(listener);
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  const cloud = new Miniflare({
    handleStructuredLogs: ({ message }) => {
      if (message.startsWith('{')) logs.push(JSON.parse(message));
    },
    workers: [
      {
        name: 'worker',
        modules: true,
        script: await bundled(),
        compatibilityDate: settings.compatibility_date,
        bindings: {
          ...settings.vars,
          INGRESS_URL: `${url}/r2`,
          INGRESS_SECRET: signsWith,
          RETRY_FROM_SECONDS: '0.001',
        },
        r2Buckets: { [bucket.binding]: bucket.bucket_name },
        queueProducers: { UPLOADS: consumer.queue, [producer.binding]: producer.queue },
        queueConsumers: {
          [consumer.queue]: {
            maxBatchSize: consumer.max_batch_size,
            maxBatchTimeout: 0.2,
            maxRetries: maxRetries ?? consumer.max_retries,
            deadLetterQueue: consumer.dead_letter_queue,
          },
        },
      },
      {
        name: 'undertaker',
        modules: true,
        script: UNDERTAKER,
        compatibilityDate: settings.compatibility_date,
        bindings: { TELL: `${url}/dead` },
        queueConsumers: { [consumer.dead_letter_queue]: { maxBatchTimeout: 0 } },
      },
    ],
  });
  await cloud.ready;
  const queue = await cloud.getQueueProducer('UPLOADS', 'worker');
  const releases = await cloud.getR2Bucket(bucket.binding, 'worker');
  return {
    bus,
    table,
    reported,
    deadLetters,
    logs,
    faults,
    refusal,
    answered,
    secrets,
    queue,
    releases,
    close: () => close(cloud, server),
  };
}

/** A notification as R2 sends it (Cloudflare docs, "R2, Event notifications"). */
export const notification = (key: string, more: object = {}) => ({
  account: ACCOUNT,
  action: 'PutObject',
  bucket: bucket.bucket_name,
  object: { key, size: 1, eTag: 'as the message claims' },
  eventTime: '2026-05-24T19:36:44.379Z',
  ...more,
});

async function bundled(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL('../src/index.ts', import.meta.url))],
    bundle: true,
    format: 'esm',
    target: 'es2023',
    write: false,
  });
  return outputFiles[0]?.text ?? '';
}

async function close(cloud: Miniflare, server: Server): Promise<void> {
  await cloud.dispose();
  server.closeAllConnections();
  await new Promise((closed) => server.close(closed));
}
