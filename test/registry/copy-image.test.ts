import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pushImage } from '../../bin/twin/push-image.ts';
import { sampleImage } from '../../bin/twin/sample-image.ts';
import { OciRegistry } from '../../lambdas/adapters/oci-registry.ts';
import { SystemClock } from '../../lambdas/adapters/system-clock.ts';
import { type CopyResult, copyImage } from '../../lambdas/copy/copy-image.ts';
import { verifyImage } from '../../lambdas/copy/verify-image.ts';
import type { Digest } from '../../lambdas/domain/digest.ts';
import { RepositoryName, Version } from '../../lambdas/domain/names.ts';
import { pushGraph } from '../copy/image-graph.ts';
import { type RunningRegistry, startRegistry } from './start-registry.ts';

const V1 = Version.parse('1.0.0');
const clock = new SystemClock();
const running: RunningRegistry[] = [];
let source: OciRegistry;
let destination: OciRegistry;
let repository: RepositoryName;

async function connect(): Promise<OciRegistry> {
  const server = await startRegistry();
  running.push(server);
  const authorization = async (): Promise<undefined> => undefined;
  return new OciRegistry({ endpoint: server.endpoint, authorization, clock });
}

async function copy(digest: Digest): Promise<CopyResult> {
  return await copyImage({
    source: { registry: source, repository },
    destination: { registry: destination, repository, tag: V1 },
    digest,
    clock,
  });
}

beforeAll(async () => {
  [source, destination] = await Promise.all([connect(), connect()]);
});

afterAll(async () => {
  await Promise.all(running.map((server) => server.stop()));
});

describe('between two real registries', () => {
  it('the sample image arrives whole, and only once', async () => {
    repository = RepositoryName.parse(`copy/${randomBytes(8).toString('hex')}`);
    const image = sampleImage({ service: 'shop', version: '1.0.0' });
    await pushImage({ registry: source, repository, tag: V1, image });

    const first = await copy(image.index.digest);
    const verified = await verifyImage({
      registry: destination,
      repository,
      tag: V1,
      digest: image.index.digest,
    });
    const second = await copy(image.index.digest);

    expect(first).toMatchObject({ outcome: 'copied', manifests: 3, blobs: { copied: 5 } });
    expect(verified.children).toHaveLength(2);
    expect(second).toMatchObject({ outcome: 'already-present', bytes: 0 });
  });

  it('an index of indexes with large and empty layers arrives whole', async () => {
    repository = RepositoryName.parse(`copy/${randomBytes(8).toString('hex')}`);
    const large = randomBytes(10_000_000).toString('latin1');
    const leaf = { config: '{}', layers: ['', large] };
    const root = await pushGraph(source, repository, [[leaf], [leaf, []]], V1);

    const result = await copy(root.digest);
    await verifyImage({ registry: destination, repository, tag: V1, digest: root.digest });

    expect(result).toMatchObject({ outcome: 'copied', blobs: { copied: 3 } });
  });
});
