import type { Readable } from 'node:stream';
import type { Digest } from '../domain/digest.ts';
import type { RepositoryName, Version } from '../domain/names.ts';
import type { BlobDescriptor, Manifest, ManifestDescriptor, Registry } from '../ports/registry.ts';
import { OciBlobs } from './oci-blobs.ts';
import { OciHttp, type OciHttpOptions } from './oci-http.ts';
import { OciManifests } from './oci-manifests.ts';

/** A registry over the OCI distribution protocol 1.1, streaming, in memory that does not grow with the image. */
export class OciRegistry implements Registry {
  readonly #manifests: OciManifests;
  readonly #blobs: OciBlobs;

  /** @throws NotAllowed for plain http to another machine */
  constructor(options: OciHttpOptions) {
    const http = new OciHttp(options);
    this.#manifests = new OciManifests(http);
    this.#blobs = new OciBlobs(http);
  }

  async head(
    repository: RepositoryName,
    reference: Version | Digest,
  ): Promise<ManifestDescriptor | undefined> {
    return await this.#manifests.head(repository, reference);
  }

  async manifest(repository: RepositoryName, reference: Version | Digest): Promise<Manifest> {
    return await this.#manifests.get(repository, reference);
  }

  async hasBlob(repository: RepositoryName, digest: Digest): Promise<boolean> {
    return await this.#blobs.has(repository, digest);
  }

  async pull(repository: RepositoryName, blob: BlobDescriptor): Promise<Readable> {
    return await this.#blobs.pull(repository, blob);
  }

  async push(repository: RepositoryName, blob: BlobDescriptor, body: Readable): Promise<void> {
    await this.#blobs.push(repository, blob, body);
  }

  async put(repository: RepositoryName, manifest: Manifest, tag?: Version): Promise<void> {
    await this.#manifests.put(repository, manifest, tag);
  }
}
