import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import { ConveyorConfig } from '../../lambdas/domain/config.ts';
import type { MemoryObjects } from '../fakes/memory-objects.ts';
import { World, type WorldOptions } from '../promote/world.ts';
import { awsEnv, type Ran, type RunOptions, run } from './run.ts';
import { type S3Peer, startS3Peer } from './s3-peer.ts';
import { startWorldApi, type WorldApi } from './world-api.ts';

export const SHA = 'a1'.repeat(20);
export const OTHER = 'b2'.repeat(20);
export const KEY = `relay/${SHA}.tar.gz`;

/** A service's repository on disk, a platform in memory, and the bucket between them. */
export interface ServiceDesk {
  readonly world: World;
  readonly api: WorldApi;
  readonly s3: S3Peer;
  /** Where CI pushes to. */
  readonly store: MemoryObjects;
  /** The repository: `deployments/{dev,qa,prod}.yaml`, and a build in `dist/`. */
  readonly root: string;
  write(path: string, text: string): void;
  run(args: readonly string[], given?: RunOptions): Promise<Ran>;
}

export const deployment = (
  says: { platform?: string; service?: string; artifact?: string } = {},
) => `apiVersion: conveyor/v1
platform:
  repository: ${says.platform ?? 'shop/platform'}
service: ${says.service ?? 'relay'}
artifact:
  ${says.artifact ?? 'path: dist'}
`;

/** All of it, gone after the test. Uploads are told to intake as soon as they are there. */
export async function openServiceDesk(options: WorldOptions = {}): Promise<ServiceDesk> {
  const world = new World({ services: ['payments', 'orders', 'relay'], ...options });
  const [api, s3] = await Promise.all([startWorldApi(world), startS3Peer(world.buckets)]);
  const root = mkdtempSync(join(tmpdir(), 'conveyor-service-'));
  onTestFinished(async () => {
    rmSync(root, { recursive: true, force: true });
    await Promise.all([api.close(), s3.close()]);
  });
  // The AWS SDK reads its own from the process.
  Object.assign(process.env, awsEnv(api));
  const name = 'conveyor-store-111111111111-us-east-1';
  const store = world.buckets[name];
  if (store === undefined) throw new Error(`no bucket ${name}`);
  s3.created = (bucket, key) => {
    const at = world.clock.now().toISOString();
    const account = world.config.tools.account;
    const upload = { store: 's3', account, bucket, key, at, announcedBy: 'event' } as const;
    void world.announceUpload(upload).then(() => world.settle());
  };
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  for (const environment of ['dev', 'qa', 'prod'])
    write(`deployments/${environment}.yaml`, deployment());
  write('dist/relay.mjs', 'export const answer = 42;\n');
  return {
    world,
    api,
    s3,
    store,
    root,
    write,
    run: (args, given = {}) =>
      run(api, args, {
        cwd: root,
        ...given,
        env: { AWS_ENDPOINT_URL_S3: s3.endpoint, ...given.env },
      }),
  };
}

/** The same service, whose releases go to R2, whoever plays that. */
export function releaseToR2({ world }: ServiceDesk, endpoint: string, bucket: string): void {
  const { environments, ...config } = world.config;
  const places = Object.entries(environments).map(([name, { account, region }]) => [
    name,
    { account, region },
  ]);
  world.config = ConveyorConfig.parse({
    ...config,
    sweep: {},
    environments: Object.fromEntries(places),
    releaseStore: {
      r2: {
        account: 'c0'.repeat(16),
        bucket,
        endpoint,
        accessKeyId: '/conveyor/r2/id',
        secretAccessKey: '/conveyor/r2/secret',
        webhook: ['/conveyor/r2/webhook'],
      },
    },
    services: { relay: { artifact: { tarball: 'r2' }, stages: ['dev'], target: { store: {} } } },
  });
}
