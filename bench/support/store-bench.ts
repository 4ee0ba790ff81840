import { spawnSync } from 'node:child_process';
import { createHash, randomFillSync } from 'node:crypto';
import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DeleteObjectsCommand, ListObjectsV2Command, type S3Client } from '@aws-sdk/client-s3';
import { buildSync } from 'esbuild';
import { ROOT } from '../../bin/twin/layout.ts';
import { Digest } from '../../lambdas/domain/digest.ts';
import {
  makeBucket,
  type RunningStore,
  startStore,
  storeClient,
} from '../../test/store/start-versitygw.ts';
import type { StoreTask, StoreTaskDone } from './store-task.ts';

export interface Took extends Partial<StoreTaskDone> {
  readonly milliseconds: number;
}

/** A real S3 server, the product's code and the AWS CLI beside it; each run is a process of its own. */
export class StoreBench {
  readonly folder = mkdtempSync(join(tmpdir(), 'conveyor-bench-'));
  readonly #client: S3Client;
  readonly #env: Record<string, string>;
  readonly #task: string;

  private constructor(readonly store: RunningStore) {
    this.#client = storeClient(store);
    this.#env = {
      PATH: process.env.PATH ?? '',
      HOME: this.folder,
      NODE_NO_WARNINGS: '1',
      AWS_ENDPOINT_URL: store.endpoint,
      AWS_ACCESS_KEY_ID: store.accessKeyId,
      AWS_SECRET_ACCESS_KEY: store.secretAccessKey,
      AWS_REGION: 'us-east-1',
      AWS_DEFAULT_REGION: 'us-east-1',
    };
    this.#task = join(this.folder, 'store-task.mjs');
    // As functions and the CLI are: one file.
    buildSync({
      absWorkingDir: ROOT,
      entryPoints: ['bench/support/store-task.ts'],
      outfile: this.#task,
      bundle: true,
      minify: true,
      keepNames: true,
      platform: 'node',
      format: 'esm',
      mainFields: ['module', 'main'],
      banner: {
        js: "import{createRequire as __cr}from'node:module';const require=__cr(import.meta.url);",
      },
      logLevel: 'error',
    });
  }

  static async start(): Promise<StoreBench> {
    return new StoreBench(await startStore());
  }

  bucket(): Promise<string> {
    return makeBucket(this.store);
  }

  /** What the product does. */
  conveyor(task: StoreTask): Took {
    const { stdout, milliseconds } = this.run(process.execPath, [this.#task, JSON.stringify(task)]);
    return { ...(JSON.parse(stdout) as StoreTaskDone), milliseconds };
  }

  /** A line of bash; `aws` is the AWS CLI as it comes (AWS_CLI names another one). */
  bash(line: string): Took {
    const aws = process.env.AWS_CLI ?? 'aws';
    const script = `set -eo pipefail; aws() { command ${aws} "$@"; }; ${line}`;
    return { milliseconds: this.run('bash', ['-c', script]).milliseconds };
  }

  async empty(Bucket: string): Promise<void> {
    for (;;) {
      const { Contents = [] } = await this.#client.send(new ListObjectsV2Command({ Bucket }));
      if (Contents.length === 0) return;
      const Objects = Contents.map(({ Key }) => ({ Key }));
      await this.#client.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }));
    }
  }

  /** A file of random bytes, and what they are. */
  file(name: string, megabytes: number): { readonly path: string; readonly digest: Digest } {
    const path = join(this.folder, name);
    mkdirSync(join(path, '..'), { recursive: true });
    const chunk = Buffer.alloc(1_000_000);
    const hash = createHash('sha256');
    const file = openSync(path, 'w');
    for (let i = 0; i < megabytes; i++) {
      hash.update(randomFillSync(chunk));
      writeSync(file, chunk);
    }
    closeSync(file);
    return { path, digest: Digest.parse(`sha256:${hash.digest('hex')}`) };
  }

  async stop(): Promise<void> {
    await this.store.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  private run(command: string, args: readonly string[]) {
    const started = performance.now();
    const { status, stdout, stderr } = spawnSync(command, args, {
      env: this.#env,
      cwd: this.folder,
      encoding: 'utf8',
      timeout: 600_000,
      maxBuffer: 64_000_000,
    });
    const milliseconds = performance.now() - started;
    if (status !== 0) throw new Error(`${command} ended with ${status}: ${stderr.slice(-1_000)}`);
    return { stdout, milliseconds };
  }
}
