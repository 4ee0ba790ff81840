import type { Readable } from 'node:stream';
import type { Digest } from '../domain/digest.ts';
import type { RepositoryName, Version } from '../domain/names.ts';

/** What HEAD says about a manifest (distribution-spec 1.1, "Pulling manifests"). */
export interface ManifestDescriptor {
  readonly digest: Digest;
  readonly mediaType: string;
  /** Bytes. */
  readonly size: number;
}

/** A manifest or index exactly as the registry holds it; `bytes` are never re-serialised. */
export interface Manifest {
  /** Computed over `bytes` by us, not taken from a header. */
  readonly digest: Digest;
  readonly mediaType: string;
  readonly bytes: Uint8Array;
}

export interface BlobDescriptor {
  readonly digest: Digest;
  /** Bytes. */
  readonly size: number;
}

/** One registry (one host, one set of credentials). Speaks OCI distribution; ECR's particulars stay in its adapter. */
export interface Registry {
  /** What the reference names now, or undefined where it names nothing. @throws RepositoryMissing, RegistryUnavailable, RegistryRefused */
  head(
    repository: RepositoryName,
    reference: Version | Digest,
  ): Promise<ManifestDescriptor | undefined>;
  /** The manifest's raw bytes. @throws ArtifactMissing, DigestMismatch (asked by digest, got other bytes) */
  manifest(repository: RepositoryName, reference: Version | Digest): Promise<Manifest>;
  hasBlob(repository: RepositoryName, digest: Digest): Promise<boolean>;
  /**
   * A stream of the blob's bytes, unverified: whoever copies verifies. It goes on by itself where the line was
   * cut, and fails with RegistryUnavailable where that does not help. @throws ArtifactMissing, RepositoryMissing
   */
  pull(repository: RepositoryName, blob: BlobDescriptor): Promise<Readable>;
  /**
   * Stores exactly `blob.size` bytes that hash to `blob.digest`, or nothing. `body` cannot be sent twice, so it
   * is the caller who tries again. @throws DigestMismatch, RepositoryMissing, RegistryUnavailable, what `body` throws
   */
  push(repository: RepositoryName, blob: BlobDescriptor, body: Readable): Promise<void>;
  /**
   * Stores the manifest under its digest, and under `tag` where given. A tag that already names the same
   * digest is success; one that names another is never moved. All it points to must be there before.
   * @throws DigestConflict, DigestMismatch (bytes and digest disagree), RepositoryMissing, RegistryRefused
   */
  put(repository: RepositoryName, manifest: Manifest, tag?: Version): Promise<void>;
}
