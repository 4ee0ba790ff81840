import { type Digest, digestOf } from '../domain/digest.ts';
import { DigestMismatch, InvalidInput } from '../domain/errors.ts';
import type { RepositoryName } from '../domain/names.ts';
import type { Manifest, Registry } from '../ports/registry.ts';
import { eachLimited } from './each-limited.ts';
import { type BlobReference, parseManifest } from './parse-manifest.ts';

export interface Place {
  readonly registry: Registry;
  readonly repository: RepositoryName;
}

/** A whole image, down to its descriptors; each manifest and blob once, however often it is named. */
export interface Image {
  readonly root: Manifest;
  /** Manifests below the root that point to no other. */
  readonly leaves: readonly Manifest[];
  /** Indexes below the root, each after those it points to. */
  readonly indexes: readonly Manifest[];
  readonly blobs: readonly BlobReference[];
}

/** Far above any real image; against documents made to exhaust us. */
const DEEPEST = 4;
const AT_ONCE = 8;
/** Below the root. */
const MOST_MANIFESTS = 500;
const MOST_MANIFEST_BYTES = 32 * 1024 * 1024;

/**
 * Reads the image's manifests from the place, each by digest and verified.
 * @throws ArtifactMissing, DigestMismatch, InvalidInput, RepositoryMissing, RegistryUnavailable, RegistryRefused
 */
export async function readImage(place: Place, root: Manifest): Promise<Image> {
  const blobs = new Map<Digest, BlobReference>();
  const leaves: Manifest[] = [];
  const indexes: Manifest[] = [];
  const visits = new Map<Digest, Promise<void>>();
  let bytes = 0;

  const requireSane = (depth: number): void => {
    const sane = depth <= DEEPEST && visits.size <= MOST_MANIFESTS && bytes <= MOST_MANIFEST_BYTES;
    if (sane) return;
    throw new InvalidInput(
      `Image ${root.digest} is nested deeper than ${DEEPEST}, or has more than ${MOST_MANIFESTS} manifests below it or 32 MiB of them`,
      { data: { digest: root.digest } },
    );
  };

  const visit = async (manifest: Manifest, depth: number): Promise<void> => {
    bytes += manifest.bytes.length;
    requireSane(depth);
    const references = parseManifest(manifest);
    for (const blob of references.blobs) blobs.set(blob.digest, blob);
    await eachLimited(references.children, AT_ONCE, async (digest) => {
      requireSane(depth);
      // One visit each: who comes second waits for the first, which keeps the order. No cycle can be
      // written down, since a digest would have to contain itself.
      const visited =
        visits.get(digest) ?? readManifest(place, digest).then((child) => visit(child, depth + 1));
      visits.set(digest, visited);
      await visited;
    });
    if (manifest !== root) (references.children.length > 0 ? indexes : leaves).push(manifest);
  };

  await visit(root, 0);
  return { root, leaves, indexes, blobs: [...blobs.values()] };
}

/** The manifest of exactly this digest. @throws DigestMismatch whatever the port let pass */
export async function readManifest(place: Place, digest: Digest): Promise<Manifest> {
  const manifest = await place.registry.manifest(place.repository, digest);
  requireDigest(place, digest, manifest);
  return manifest;
}

/** @throws DigestMismatch naming both */
export function requireDigest(place: Place, expected: Digest, { bytes }: Manifest): void {
  const actual = digestOf(bytes);
  if (actual === expected) return;
  throw new DigestMismatch(`Expected manifest ${expected} in ${place.repository}, got ${actual}`, {
    data: { expected, actual, repository: place.repository },
  });
}
