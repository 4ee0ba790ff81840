import { AsyncLocalStorage } from 'node:async_hooks';
import { randomUUID } from 'node:crypto';
import { HeadObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import worker from '../../../examples/r2-worker/src/index.ts';
import type { Bucket, Env, Message } from '../../../examples/r2-worker/src/platform.ts';

/** Within it the console is the worker's, as in Cloudflare's runtime. */
const inWorker = new AsyncLocalStorage<(line: string) => void>();
const { log: ownLog } = console;
console.log = (...words) => {
  const log = inWorker.getStore();
  if (log === undefined) ownLog(...words);
  else log(words.join(' '));
};

export interface WorkerOptions {
  readonly bucket: string;
  readonly client: S3Client;
  readonly secret: string;
  readonly log: (line: string) => void;
  /** Known once Conveyor is deployed; until then the queue keeps what it has. */
  readonly ingress: () => string | undefined;
}

/**
 * The shipped worker behind a queue of this process, which does with acknowledgements and retries what Cloudflare's does.
 * (`examples/r2-worker/test` runs it in workerd, behind a real queue.)
 */
export class WorkerQueue {
  readonly deadLetters: unknown[] = [];
  readonly #waiting = new Set<NodeJS.Timeout>();
  readonly #options: WorkerOptions;
  #closed = false;

  constructor(options: WorkerOptions) {
    this.#options = options;
  }

  send(body: unknown): void {
    this.#later(randomUUID(), body, 1, 0);
  }

  close(): void {
    this.#closed = true;
    for (const timer of this.#waiting) clearTimeout(timer);
  }

  #later(id: string, body: unknown, attempts: number, seconds: number): void {
    if (this.#closed) return;
    const timer = setTimeout(() => {
      this.#waiting.delete(timer);
      void this.#deliver(id, body, attempts);
    }, seconds * 1_000);
    this.#waiting.add(timer);
  }

  async #deliver(id: string, body: unknown, attempts: number): Promise<void> {
    const ingress = this.#options.ingress();
    if (ingress === undefined) return this.#later(id, body, attempts, 1);
    let retry: number | undefined;
    const message: Message = {
      id,
      body,
      attempts,
      ack: () => {},
      retry: ({ delaySeconds = 1 } = {}) => {
        retry = delaySeconds;
      },
    };
    const env: Env = {
      INGRESS_URL: ingress,
      INGRESS_SECRET: this.#options.secret,
      BUCKET: this.#options.bucket,
      RETRY_FROM_SECONDS: '1',
      RELEASES: this.#bucket(),
      DEAD_LETTERS: { send: async (letter) => this.deadLetters.push(letter) },
    };
    try {
      const { log } = this.#options;
      await inWorker.run(log, () => worker.queue({ messages: [message] }, env));
    } catch {
      // As Cloudflare does with a worker that throws.
      retry = 1;
    }
    if (retry !== undefined) this.#later(id, body, attempts + 1, retry);
  }

  #bucket(): Bucket {
    const { client, bucket } = this.#options;
    return {
      head: async (key) => {
        const found = await client
          .send(new HeadObjectCommand({ Bucket: bucket, Key: key }))
          .catch((error: { $metadata?: { httpStatusCode?: number } }) => {
            if (error.$metadata?.httpStatusCode === 404) return null;
            throw error;
          });
        return (
          found && {
            size: found.ContentLength ?? 0,
            etag: (found.ETag ?? '').replaceAll('"', ''),
            uploaded: found.LastModified ?? new Date(0),
            checksums: {},
          }
        );
      },
    };
  }
}
