import { Digest, digestOf } from '../domain/digest.ts';
import {
  ArtifactMissing,
  DigestConflict,
  DigestMismatch,
  RegistryRefused,
} from '../domain/errors.ts';
import type { RepositoryName, Version } from '../domain/names.ts';
import { tagTaken } from '../domain/tag-taken.ts';
import type { Manifest, ManifestDescriptor } from '../ports/registry.ts';
import { isSuccess } from './http-request.ts';
import { MANIFEST_TYPES, mediaTypeOf } from './manifest-type.ts';
import type { OciHttp } from './oci-http.ts';
import { artifactMissing, refusal } from './registry-failure.ts';

type Reference = Version | Digest;

/** distribution-spec 1.1, "Pushing Manifests": what registries should accept at least, and what ECR does. */
const MOST_BYTES = 4 * 1024 * 1024;
const ACCEPT = { accept: MANIFEST_TYPES.join(', ') };
/** How registries refuse to move a tag: ECR with 400 TAG_INVALID, others 403 or 409 (aws-sdk #750). */
const MAYBE_TAKEN = new Set([400, 403, 409]);

/** Manifests and tags over distribution-spec 1.1. */
export class OciManifests {
  readonly #http: OciHttp;

  constructor(http: OciHttp) {
    this.#http = http;
  }

  async head(
    repository: RepositoryName,
    reference: Reference,
  ): Promise<ManifestDescriptor | undefined> {
    const { descriptor } = await this.#probe(repository, reference);
    // HEAD's 404 has no body to tell a missing tag from a missing repository; GET's has.
    return descriptor ?? (await this.#describe(repository, reference));
  }

  async get(repository: RepositoryName, reference: Reference): Promise<Manifest> {
    const url = this.#http.url(repository, `manifests/${reference}`);
    const reply = await this.#http.exchange({ method: 'GET', url, headers: ACCEPT }, MOST_BYTES);
    const attempt = { act: `get manifest ${reference}`, host: url.host, repository };
    if (reply.status !== 200) {
      throw artifactMissing(reply, attempt, reference) ?? refusal(reply, attempt);
    }
    const { body: bytes, headers } = reply;
    if (bytes === undefined) {
      throw new RegistryRefused(
        `Manifest ${reference} of ${url.host}/${repository} exceeds 4 MiB`,
        { data: attempt },
      );
    }
    const digest = digestOf(bytes);
    // ECR's GET has no Docker-Content-Digest (terraform-provider-docker #188); where there is one it must agree.
    const promised = digestIn(reference) ?? digestIn(headers['docker-content-digest']);
    requireSame(promised ?? digest, digest, `${url.host}/${repository}`);
    return { digest, mediaType: mediaTypeOf(headers['content-type'], bytes), bytes };
  }

  async put(repository: RepositoryName, manifest: Manifest, tag?: Version): Promise<void> {
    const { digest, mediaType, bytes } = manifest;
    requireSame(digest, digestOf(bytes), 'memory');
    const reference = tag ?? digest;
    if (await this.#isThere(repository, reference, digest)) return;
    const url = this.#http.url(repository, `manifests/${reference}`);
    const headers = { 'content-type': mediaType, 'content-length': bytes.length };
    const reply = await this.#http.exchange({ method: 'PUT', url, headers, body: bytes });
    if (isSuccess(reply.status)) return;
    const attempt = { act: `put manifest ${digest} as ${reference}`, host: url.host, repository };
    const refused = refusal(reply, attempt);
    if (!MAYBE_TAKEN.has(reply.status)) throw refused;
    // An immutable tag refuses even the digest it already has, e.g. when our first answer got lost.
    const there = await this.#isThere(repository, reference, digest).catch((error: unknown) => {
      throw error instanceof DigestConflict ? error : refused;
    });
    if (!there) throw refused;
  }

  /** @throws DigestConflict where the reference names something else */
  async #isThere(
    repository: RepositoryName,
    reference: Reference,
    digest: Digest,
  ): Promise<boolean> {
    const { status, descriptor } = await this.#probe(repository, reference);
    if (status === 404) return false;
    const there = descriptor ?? (await this.#describe(repository, reference));
    if (there === undefined || there.digest === digest) return there !== undefined;
    throw tagTaken(repository, reference, there.digest, digest);
  }

  /** What HEAD alone says; no descriptor where it says 404, or does not say which digest. */
  async #probe(
    repository: RepositoryName,
    reference: Reference,
  ): Promise<{ status: number; descriptor?: ManifestDescriptor }> {
    const url = this.#http.url(repository, `manifests/${reference}`);
    const reply = await this.#http.exchange({ method: 'HEAD', url, headers: ACCEPT });
    const { status, headers } = reply;
    if (status === 404) return { status };
    const attempt = { act: `look up ${reference}`, host: url.host, repository };
    if (status !== 200) throw refusal(reply, attempt);
    const digest = digestIn(headers['docker-content-digest']);
    const length = headers['content-length'];
    if (digest === undefined || length === undefined) return { status };
    const mediaType = mediaTypeOf(headers['content-type']);
    return { status, descriptor: { digest, mediaType, size: Number(length) } };
  }

  /** The same, from GET's bytes. @throws RepositoryMissing */
  async #describe(
    repository: RepositoryName,
    reference: Reference,
  ): Promise<ManifestDescriptor | undefined> {
    try {
      const { digest, mediaType, bytes } = await this.get(repository, reference);
      return { digest, mediaType, size: bytes.length };
    } catch (error) {
      if (error instanceof ArtifactMissing) return undefined;
      throw error;
    }
  }
}

function requireSame(expected: Digest, actual: Digest, where: string): void {
  if (expected === actual) return;
  throw new DigestMismatch(`Expected manifest ${expected} in ${where}, got ${actual}`, {
    data: { expected, actual, where },
  });
}

function digestIn(value: string | string[] | undefined): Digest | undefined {
  return Digest.safeParse(value).data;
}
