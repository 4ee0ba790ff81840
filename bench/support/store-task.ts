import { createReadStream, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { prepareTarball } from '../../bin/cli/push/prepare-tarball.ts';
import { s3Client } from '../../lambdas/adapters/s3-client.ts';
import { S3Objects } from '../../lambdas/adapters/s3-objects.ts';
import { SystemClock } from '../../lambdas/adapters/system-clock.ts';
import { copyTarball } from '../../lambdas/copy/copy-tarball.ts';
import { eachLimited } from '../../lambdas/copy/each-limited.ts';
import { verifyTarball } from '../../lambdas/copy/verify-tarball.ts';
import { type Digest, digestOf } from '../../lambdas/domain/digest.ts';

/** What a process of its own does with a store, by the product's code; keys and endpoint come by the environment. */
export type StoreTask =
  | {
      readonly what: 'copy';
      readonly from: string;
      readonly to: string;
      readonly objects: readonly { readonly key: string; readonly digest: Digest }[];
      readonly server: boolean;
      readonly atOnce: number;
    }
  | {
      readonly what: 'verify';
      readonly from: string;
      readonly objects: readonly { readonly key: string; readonly digest: Digest }[];
    }
  | { readonly what: 'create'; readonly folder: string; readonly to: string }
  | {
      readonly what: 'push';
      readonly tree: string;
      readonly scratch: string;
      readonly to: string;
      readonly key: string;
    };

/** What it answers, as one line of JSON. */
export interface StoreTaskDone {
  /** The most memory that the process ever had, in MB, as the kernel counted it. */
  readonly megabytes: number;
  readonly bytes: number;
}

const clock = new SystemClock();
const endpoint = process.env.AWS_ENDPOINT_URL;
const client = s3Client({ region: process.env.AWS_REGION ?? '', endpoint });
const open = (bucket: string) => new S3Objects(client, bucket);

async function copy({ from, to, objects, server, atOnce }: StoreTask & { what: 'copy' }) {
  const [source, destination] = [open(from), open(to)];
  let bytes = 0;
  await eachLimited(objects, atOnce, async ({ key, digest }) => {
    const copied = await copyTarball({
      source,
      destination,
      ...(server && { sourceBucket: from }),
      key,
      digest,
      clock,
    });
    if (copied.outcome !== 'copied') throw new Error(`${key}: ${copied.outcome}`);
    bytes += copied.bytes;
  });
  return bytes;
}

async function verify({ from, objects }: StoreTask & { what: 'verify' }): Promise<number> {
  let bytes = 0;
  for (const { key, digest } of objects)
    bytes += (await verifyTarball({ objects: open(from), key, digest, clock })).bytes;
  return bytes;
}

async function push({ tree, scratch, to, key }: StoreTask & { what: 'push' }): Promise<number> {
  const never = new AbortController().signal;
  const { file, bytes, digest } = await prepareTarball({ path: tree }, '/', scratch, never);
  const made = await open(to).create(key, createReadStream(file), { bytes, digest, facts: {} });
  if (!made) throw new Error(`${key} was there`);
  return bytes;
}

/** Every file of a folder of folders, under its path. */
async function create({ folder, to }: StoreTask & { what: 'create' }): Promise<number> {
  let sum = 0;
  for (const key of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    const file = join(folder, key);
    if (!statSync(file).isFile()) continue;
    const bytes = readFileSync(file);
    await open(to).create(key, chunk(bytes), {
      bytes: bytes.length,
      digest: digestOf(bytes),
      facts: {},
    });
    sum += bytes.length;
  }
  return sum;
}

async function* chunk(bytes: Uint8Array) {
  yield bytes;
}

function run(task: StoreTask): Promise<number> {
  switch (task.what) {
    case 'copy':
      return copy(task);
    case 'verify':
      return verify(task);
    case 'create':
      return create(task);
    case 'push':
      return push(task);
  }
}

const task = JSON.parse(process.argv[2] ?? '') as StoreTask;
const bytes = await run(task);
const megabytes = process.resourceUsage().maxRSS / 1_000;
process.stdout.write(`${JSON.stringify({ megabytes, bytes } satisfies StoreTaskDone)}\n`);
