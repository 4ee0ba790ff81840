import { Readable } from 'node:stream';
import type { RepositoryName, Version } from '../../lambdas/domain/names.ts';
import type { Registry } from '../../lambdas/ports/registry.ts';
import type { SampleImage } from './sample-image.ts';

export interface PushImage {
  readonly registry: Registry;
  readonly repository: RepositoryName;
  readonly tag: Version;
  readonly image: SampleImage;
}

/** Pushes an image as a build would: blobs that are not there, children by digest, the index under its tag. */
export async function pushImage({ registry, repository, tag, image }: PushImage): Promise<void> {
  for (const blob of image.blobs) {
    if (await registry.hasBlob(repository, blob.digest)) continue;
    await registry.push(repository, blob, Readable.from([blob.bytes], { objectMode: false }));
  }
  for (const child of image.manifests) await registry.put(repository, child);
  await registry.put(repository, image.index, tag);
}
