import { readFileSync } from 'node:fs';
import ts from 'typescript';

/** wrangler.jsonc as it ships. */
interface Settings {
  readonly compatibility_date: string;
  readonly vars: Readonly<Record<string, string>>;
  readonly secrets: { readonly required: readonly string[] };
  readonly r2_buckets: readonly { readonly binding: string; readonly bucket_name: string }[];
  readonly queues: {
    readonly consumers: readonly {
      readonly queue: string;
      readonly max_batch_size: number;
      readonly max_batch_timeout: number;
      readonly max_concurrency: number;
      readonly max_retries: number;
      readonly dead_letter_queue: string;
      readonly retry_delay: number;
    }[];
    readonly producers: readonly { readonly binding: string; readonly queue: string }[];
  };
}

const FILE = new URL('../wrangler.jsonc', import.meta.url);

export const settings = read();

function read() {
  const { config, error } = ts.parseConfigFileTextToJson('', readFileSync(FILE, 'utf8'));
  if (error !== undefined) throw new Error(`wrangler.jsonc: ${String(error.messageText)}`);
  const all = config as Settings;
  const [consumer] = all.queues.consumers;
  const [producer] = all.queues.producers;
  const [bucket] = all.r2_buckets;
  if (consumer === undefined || producer === undefined || bucket === undefined)
    throw new Error('wrangler.jsonc lacks a consumer, a producer or a bucket');
  return { ...all, consumer, producer, bucket };
}
