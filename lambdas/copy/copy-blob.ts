import { ArtifactMissing } from '../domain/errors.ts';
import { retry } from '../domain/retry.ts';
import type { Clock } from '../ports/clock.ts';
import type { BlobReference } from './parse-manifest.ts';
import type { Place } from './read-image.ts';

const ATTEMPTS = 3;

/**
 * Moves one blob unless it is there. Tried again as a whole where the line broke, since a stream cannot be sent
 * twice (skopeo #1223: without it 3.4 of 3.9 GB were lost).
 * @throws DigestMismatch where the source's bytes are not what the manifest promises; nothing is stored then
 */
export async function copyBlob(
  source: Place,
  destination: Place,
  blob: BlobReference,
  clock: Clock,
): Promise<'copied' | 'skipped'> {
  return await retry(clock, ATTEMPTS, async () => {
    if (await destination.registry.hasBlob(destination.repository, blob.digest)) return 'skipped';
    if (blob.foreign) await requireForeign(source, blob);
    const body = await source.registry.pull(source.repository, blob);
    try {
      await destination.registry.push(destination.repository, blob, body);
    } finally {
      body.destroy();
    }
    return 'copied';
  });
}

/** A URL in a manifest is never followed: the bytes come from the source's registry or not at all. */
async function requireForeign({ registry, repository }: Place, blob: BlobReference): Promise<void> {
  if (await registry.hasBlob(repository, blob.digest)) return;
  throw new ArtifactMissing(
    `Layer ${blob.digest} is foreign: ${repository} does not hold it, only a URL to it`,
    {
      data: { digest: blob.digest, repository },
      fix: 'Push the image with its non-distributable layers.',
    },
  );
}
