import type { Digest } from '../domain/digest.ts';
import { ArtifactMissing } from '../domain/errors.ts';
import type { Version } from '../domain/names.ts';
import { eachLimited } from './each-limited.ts';
import { type Place, readImage, requireDigest } from './read-image.ts';

export interface VerifyImage extends Place {
  readonly tag: Version;
  readonly digest: Digest;
}

export interface VerifiedImage {
  readonly digest: Digest;
  /** The manifests below an index, none for a single image. */
  readonly children: readonly Digest[];
}

const AT_ONCE = 8;

/**
 * Asks the registry itself whether the tag names exactly these bytes, and whether everything they reach is
 * there. Blobs are looked up, not read: the registry took each only under its digest.
 * @throws DigestMismatch, ArtifactMissing naming what; RepositoryMissing, RegistryUnavailable, RegistryRefused
 */
export async function verifyImage({ tag, digest, ...place }: VerifyImage): Promise<VerifiedImage> {
  const { registry, repository } = place;
  const root = await registry.manifest(repository, tag);
  requireDigest(place, digest, root);
  const image = await readImage(place, root);
  await eachLimited(image.blobs, AT_ONCE, async (blob) => {
    if (await registry.hasBlob(repository, blob.digest)) return;
    throw new ArtifactMissing(`Blob ${blob.digest} of ${repository}:${tag} is missing`, {
      data: { repository, tag, digest: blob.digest },
      fix: 'Copy the image again.',
    });
  });
  return { digest, children: [...image.leaves, ...image.indexes].map((child) => child.digest) };
}
