import { compileFunction } from 'node:vm';
import { buildSync } from 'esbuild';
import * as z from 'zod';
import type { Clock } from '../../../lambdas/ports/clock.ts';
import { makePlatform } from './worker-platform.ts';

/** What R2 says of an object to a worker bound to its bucket. */
interface R2Object {
  readonly size: number;
  readonly etag: string;
  readonly uploaded: Date;
  readonly checksums: object;
}

/** A request to the ingress, as it is on the wire. */
export interface IngressRequest {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface IngressResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What is on the worker's side of the ingress. */
export interface Cloudflare {
  readonly ingress: { fetch(request: IngressRequest): Promise<IngressResponse> };
  readonly releases: { head(key: string): Promise<R2Object | null> };
  readonly deadLetters: { send(body: unknown): Promise<void> };
  /** The bucket of the binding. */
  readonly bucket: string;
  /** `<id>:<secret>`. */
  readonly secret: string;
  readonly say: (line: string) => void;
}

const Batch = z.object({
  messages: z.array(z.object({ id: z.string(), body: z.unknown(), attempts: z.int() })),
});
type Message = z.output<typeof Batch>['messages'][number];

/** What became of each message, by its id. One that is not there was acknowledged with its batch. */
export type Handled = Readonly<Record<string, 'acknowledged' | { readonly delaySeconds: number }>>;

interface Told extends Message {
  ack(): void;
  retry(options?: { readonly delaySeconds?: number }): void;
}

interface Worker {
  queue(batch: { readonly messages: readonly Told[] }, env: object): Promise<void>;
}

type Load = (module: { exports: { default?: Worker } }, ...platform: readonly unknown[]) => void;

const NAMES = ['fetch', 'crypto', 'Math', 'Date', 'AbortSignal', 'console'] as const;

let compiled: Load | undefined;

/** The worker as it ships, in one file as wrangler makes it; what the platform gives it are its parameters. */
function load(): Load {
  if (compiled !== undefined) return compiled;
  const { outputFiles } = buildSync({
    entryPoints: ['examples/r2-worker/src/index.ts'],
    bundle: true,
    format: 'cjs',
    platform: 'neutral',
    target: 'es2023',
    write: false,
  });
  const [file] = outputFiles;
  if (file === undefined) throw new Error('the worker came to no file');
  compiled = compileFunction(file.text, ['module', ...NAMES]) as Load;
  return compiled;
}

/** Has the shipped worker handle a batch, with time, chance and network of this world. */
export async function runWorker(
  cloudflare: Cloudflare,
  clock: Clock,
  payload: unknown,
): Promise<Handled> {
  const module: { exports: { default?: Worker } } = { exports: {} };
  const platform = makePlatform(cloudflare, clock);
  load()(module, ...NAMES.map((name) => platform[name]));
  const handled: Record<string, Handled[string]> = {};
  const messages = Batch.parse(payload).messages.map((message) => ({
    ...message,
    ack: () => {
      handled[message.id] = 'acknowledged';
    },
    retry: ({ delaySeconds = 0 } = {}) => {
      handled[message.id] = { delaySeconds };
    },
  }));
  for (const { id } of messages) handled[id] = 'acknowledged';
  await module.exports.default?.queue(
    { messages },
    {
      INGRESS_URL: 'https://ingress.example/r2',
      INGRESS_SECRET: cloudflare.secret,
      BUCKET: cloudflare.bucket,
      RELEASES: cloudflare.releases,
      DEAD_LETTERS: cloudflare.deadLetters,
    },
  );
  return handled;
}
