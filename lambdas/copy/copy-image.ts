import type { Digest } from '../domain/digest.ts';
import type { Version } from '../domain/names.ts';
import { tagTaken } from '../domain/tag-taken.ts';
import type { Clock } from '../ports/clock.ts';
import { copyBlob } from './copy-blob.ts';
import { eachLimited } from './each-limited.ts';
import { type Place, readImage, readManifest } from './read-image.ts';

export interface CopyImage {
  readonly source: Place;
  readonly destination: Place & { readonly tag: Version };
  /** Of the image or index to copy; tags of the source are never asked. */
  readonly digest: Digest;
  readonly clock: Clock;
  /** How long the caller may still run. @default unlimited */
  readonly remainingMilliseconds?: () => number;
}

export interface CopyResult {
  /** `continue`: time ran out between two blobs; call again, what is there will be skipped. */
  readonly outcome: 'copied' | 'already-present' | 'continue';
  readonly digest: Digest;
  /** Manifests of the image now known to be at the destination; 0 where none was looked at. */
  readonly manifests: number;
  readonly blobs: { readonly copied: number; readonly skipped: number };
  /** Of blobs, moved by this call. */
  readonly bytes: number;
}

const AT_ONCE = 4;
/** No further blob is begun with less than this left: the manifests and the answer need some of it. */
const RESERVE_MILLISECONDS = 60_000;

/**
 * Copies an image with everything its digest reaches, byte for byte: blobs, then manifests by digest from the
 * leaves up, then the root under its tag. So a tag never names anything incomplete, and running it again after
 * any failure goes on where it stopped.
 * @throws DigestConflict before a byte is moved, where the tag names something else
 * @throws DigestMismatch, ArtifactMissing, RepositoryMissing, InvalidInput, RegistryUnavailable, RegistryRefused
 */
export async function copyImage(request: CopyImage): Promise<CopyResult> {
  const { source, destination, digest, clock, remainingMilliseconds } = request;
  const blobs = { copied: 0, skipped: 0 };
  let bytes = 0;
  const result = (outcome: CopyResult['outcome'], manifests: number): CopyResult => ({
    outcome,
    digest,
    manifests,
    blobs: { ...blobs },
    bytes,
  });

  if (await isPresent(destination, digest)) return result('already-present', 0);

  const image = await readImage(source, await readManifest(source, digest));
  // One blob is always copied, so that a chain of short calls comes to an end.
  const mayGoOn = (): boolean =>
    blobs.copied === 0 || (remainingMilliseconds?.() ?? Infinity) >= RESERVE_MILLISECONDS;
  const allTaken = await eachLimited(
    image.blobs,
    AT_ONCE,
    async (blob) => {
      const outcome = await copyBlob(source, destination, blob, clock);
      blobs[outcome] += 1;
      if (outcome === 'copied') bytes += blob.size;
    },
    mayGoOn,
  );
  if (!allTaken) return result('continue', 0);

  const { registry, repository, tag } = destination;
  const { leaves, indexes, root } = image;
  await eachLimited(leaves, AT_ONCE, (leaf) => registry.put(repository, leaf));
  for (const index of indexes) await registry.put(repository, index);
  await registry.put(repository, root, tag);
  return result('copied', leaves.length + indexes.length + 1);
}

async function isPresent(
  { registry, repository, tag }: CopyImage['destination'],
  digest: Digest,
): Promise<boolean> {
  const there = await registry.head(repository, tag);
  if (there === undefined || there.digest === digest) return there !== undefined;
  throw tagTaken(repository, tag, there.digest, digest);
}
