import { Readable } from 'node:stream';
import { Digest, digestOf } from '../../lambdas/domain/digest.ts';
import {
  ArtifactMissing,
  DigestMismatch,
  RegistryRefused,
  RepositoryMissing,
} from '../../lambdas/domain/errors.ts';
import type { RepositoryName, Version } from '../../lambdas/domain/names.ts';
import { tagTaken } from '../../lambdas/domain/tag-taken.ts';
import type {
  BlobDescriptor,
  Manifest,
  ManifestDescriptor,
  Registry,
} from '../../lambdas/ports/registry.ts';

export type RegistryMethod = keyof Registry;

export interface RegistryCall {
  readonly method: RegistryMethod;
  readonly repository: RepositoryName;
  /** Tag or digest. */
  readonly reference: string;
}

interface Repository {
  readonly manifests: Map<Digest, Manifest>;
  readonly blobs: Map<Digest, Buffer>;
  readonly tags: Map<Version, Digest>;
}

interface Fault {
  readonly matches: (call: RegistryCall) => boolean;
  readonly error: Error;
  readonly when: 'before' | 'after';
  skip: number;
}

const CHUNK = 16;

/**
 * A registry in memory, as strict as ECR with immutable tags: repositories are made first, bytes must match
 * their digest, a manifest is taken only when all that it points to is there, a tag never moves.
 */
export class MemoryRegistry implements Registry {
  /** Everything that was asked, in order. */
  readonly calls: RegistryCall[] = [];
  readonly #repositories = new Map<RepositoryName, Repository>();
  readonly #faults: Fault[] = [];

  createRepository(name: RepositoryName): void {
    this.#repositories.set(name, { manifests: new Map(), blobs: new Map(), tags: new Map() });
  }

  /**
   * The next call of the method (or any, for `undefined`) fails, after `skip` that succeed. With `after`, what
   * was asked has happened and only its answer is lost.
   */
  failNext(
    method: RegistryMethod | undefined,
    error: Error,
    { skip = 0, when = 'before' }: { skip?: number; when?: 'before' | 'after' } = {},
  ): void {
    const matches = (call: RegistryCall): boolean => method === undefined || call.method === method;
    this.#faults.push({ matches, error, when, skip });
  }

  /** Flips one bit of what the registry holds and serves for this digest. */
  corrupt(repository: RepositoryName, digest: Digest): void {
    const { blobs, manifests } = this.#repository(repository);
    const bytes = blobs.get(digest) ?? manifests.get(digest)?.bytes;
    if (bytes === undefined) throw new Error(`nothing to corrupt at ${digest}`);
    const damaged = Buffer.from(bytes);
    damaged.writeUInt8(damaged.readUInt8(0) ^ 1, 0);
    const manifest = manifests.get(digest);
    if (manifest === undefined) blobs.set(digest, damaged);
    else manifests.set(digest, { ...manifest, bytes: damaged });
  }

  /** Loses a blob or a manifest, as no registry should. */
  lose(repository: RepositoryName, digest: Digest): void {
    this.#repository(repository).blobs.delete(digest);
    this.#repository(repository).manifests.delete(digest);
  }

  /** All that a repository holds, for comparison. */
  contents(name: RepositoryName): {
    tags: Record<string, Digest>;
    manifests: Record<string, { mediaType: string; text: string }>;
    blobs: Record<string, string>;
  } {
    const { tags, manifests, blobs } = this.#repository(name);
    const texts = [...manifests].map(([digest, { mediaType, bytes }]) => {
      return [digest, { mediaType, text: Buffer.from(bytes).toString('latin1') }] as const;
    });
    return {
      tags: Object.fromEntries(tags),
      manifests: Object.fromEntries(texts),
      blobs: Object.fromEntries(
        [...blobs].map(([digest, bytes]) => [digest, bytes.toString('latin1')]),
      ),
    };
  }

  async head(
    repository: RepositoryName,
    reference: Version | Digest,
  ): Promise<ManifestDescriptor | undefined> {
    return await this.#answer('head', repository, reference, async () => {
      const found = this.#find(repository, reference);
      if (found === undefined) return undefined;
      const { digest, mediaType, bytes } = found;
      return { digest, mediaType, size: bytes.length };
    });
  }

  async manifest(repository: RepositoryName, reference: Version | Digest): Promise<Manifest> {
    return await this.#answer('manifest', repository, reference, async () => {
      const found = this.#find(repository, reference);
      if (found === undefined) throw missing(repository, reference);
      const actual = digestOf(found.bytes);
      if (actual !== found.digest) throw mismatch(found.digest, actual);
      return { ...found, bytes: Buffer.from(found.bytes) };
    });
  }

  async hasBlob(repository: RepositoryName, digest: Digest): Promise<boolean> {
    return await this.#answer('hasBlob', repository, digest, async () =>
      this.#repository(repository).blobs.has(digest),
    );
  }

  async pull(repository: RepositoryName, { digest }: BlobDescriptor): Promise<Readable> {
    return await this.#answer('pull', repository, digest, async () => {
      const bytes = this.#repository(repository).blobs.get(digest);
      if (bytes === undefined) throw missing(repository, digest);
      return Readable.from(chunksOf(bytes), { objectMode: false });
    });
  }

  async push(repository: RepositoryName, blob: BlobDescriptor, body: Readable): Promise<void> {
    await this.#answer('push', repository, blob.digest, async () => {
      const { blobs } = this.#repository(repository);
      const chunks: Buffer[] = [];
      for await (const chunk of body as AsyncIterable<Buffer>) chunks.push(chunk);
      const bytes = Buffer.concat(chunks);
      const actual = digestOf(bytes);
      if (actual !== blob.digest || bytes.length !== blob.size) throw mismatch(blob.digest, actual);
      blobs.set(blob.digest, bytes);
    });
  }

  async put(repository: RepositoryName, manifest: Manifest, tag?: Version): Promise<void> {
    await this.#answer('put', repository, tag ?? manifest.digest, async () => {
      const { manifests, tags } = this.#repository(repository);
      const { digest } = manifest;
      const actual = digestOf(manifest.bytes);
      if (actual !== digest) throw mismatch(digest, actual);
      const existing = tag === undefined ? undefined : tags.get(tag);
      if (tag !== undefined && existing !== undefined && existing !== digest) {
        throw tagTaken(repository, tag, existing, digest);
      }
      this.#requireComplete(repository, manifest);
      manifests.set(digest, { ...manifest, bytes: Buffer.from(manifest.bytes) });
      if (tag !== undefined) tags.set(tag, digest);
    });
  }

  async #answer<T>(
    method: RegistryMethod,
    repository: RepositoryName,
    reference: string,
    effect: () => Promise<T>,
  ): Promise<T> {
    const call = { method, repository, reference };
    this.calls.push(call);
    const fault = this.#faults.find(
      (candidate) => candidate.matches(call) && candidate.skip-- <= 0,
    );
    if (fault !== undefined) this.#faults.splice(this.#faults.indexOf(fault), 1);
    if (fault?.when === 'before') throw fault.error;
    const result = await effect();
    if (fault?.when === 'after') throw fault.error;
    return result;
  }

  /** Written anew here, on purpose: the fake must not agree with the code only because it is the code. */
  #requireComplete(repository: RepositoryName, { bytes }: Manifest): void {
    const { blobs, manifests } = this.#repository(repository);
    const document: { config?: unknown; layers?: unknown[]; manifests?: unknown[] } = JSON.parse(
      Buffer.from(bytes).toString('utf8'),
    );
    const digests = (values: readonly unknown[]): Digest[] =>
      values.map((value) => Digest.parse((value as { digest: unknown }).digest));
    const wanted = [...(document.config ? [document.config] : []), ...(document.layers ?? [])];
    const absent =
      digests(wanted).find((digest) => !blobs.has(digest)) ??
      digests(document.manifests ?? []).find((digest) => !manifests.has(digest));
    if (absent === undefined) return;
    throw new RegistryRefused(`${repository} does not hold ${absent}`, {
      data: { status: 400, code: 'MANIFEST_BLOB_UNKNOWN', repository, reference: absent },
    });
  }

  #find(repository: RepositoryName, reference: Version | Digest): Manifest | undefined {
    const { manifests, tags } = this.#repository(repository);
    const digest = tags.get(reference as Version) ?? Digest.safeParse(reference).data;
    return digest === undefined ? undefined : manifests.get(digest);
  }

  #repository(name: RepositoryName): Repository {
    const found = this.#repositories.get(name);
    if (found !== undefined) return found;
    throw new RepositoryMissing(`There is no repository ${name}`, { data: { repository: name } });
  }
}

function* chunksOf(bytes: Buffer): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += CHUNK) yield bytes.subarray(at, at + CHUNK);
}

function missing(repository: RepositoryName, reference: string): ArtifactMissing {
  return new ArtifactMissing(`${reference} is not in ${repository}`, {
    data: { repository, reference },
  });
}

function mismatch(expected: Digest, actual: Digest): DigestMismatch {
  return new DigestMismatch(`Expected ${expected}, got ${actual}`, { data: { expected, actual } });
}
