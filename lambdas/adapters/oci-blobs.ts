import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import type { Digest } from '../domain/digest.ts';
import { RegistryUnavailable } from '../domain/errors.ts';
import type { RepositoryName } from '../domain/names.ts';
import type { BlobDescriptor } from '../ports/registry.ts';
import { BlobStream } from './blob-stream.ts';
import { isSuccess, readCapped } from './http-request.ts';
import type { OciHttp } from './oci-http.ts';
import { artifactMissing, refusal, repositoryMissing } from './registry-failure.ts';
import { followLocation } from './registry-url.ts';
import { VerifyStream } from './verify-stream.ts';

const ERROR_BODY = 64 * 1024;

/** Blobs over distribution-spec 1.1. */
export class OciBlobs {
  readonly #http: OciHttp;

  constructor(http: OciHttp) {
    this.#http = http;
  }

  async has(repository: RepositoryName, digest: Digest): Promise<boolean> {
    const url = this.#http.url(repository, `blobs/${digest}`);
    const reply = await this.#http.exchange({ method: 'HEAD', url });
    if (reply.status === 200) return true;
    if (reply.status === 404) return false;
    throw refusal(reply, { act: `look for blob ${digest}`, host: url.host, repository });
  }

  async pull(repository: RepositoryName, blob: BlobDescriptor): Promise<Readable> {
    const reopen = (from: number): Promise<IncomingMessage> => this.#open(repository, blob, from);
    const { host } = this.#http.endpoint;
    return new BlobStream({ first: await reopen(0), size: blob.size, reopen, host });
  }

  async push(repository: RepositoryName, blob: BlobDescriptor, body: Readable): Promise<void> {
    const session = await this.#startUpload(repository, blob).catch((error: unknown) => {
      body.destroy();
      throw error;
    });
    const reply = await this.#http.upload(session, blob.size, body, new VerifyStream(blob));
    const attempt = { act: `put blob ${blob.digest}`, host: session.host, repository };
    if (!isSuccess(reply.status)) throw refusal(reply, attempt);
  }

  async #open(
    repository: RepositoryName,
    { digest }: BlobDescriptor,
    from: number,
  ): Promise<IncomingMessage> {
    const url = this.#http.url(repository, `blobs/${digest}`);
    const headers = from === 0 ? {} : { range: `bytes=${from}-` };
    const { message, status } = await this.#http.open({ method: 'GET', url, headers });
    if (status === (from === 0 ? 200 : 206)) return message;
    const attempt = { act: `get blob ${digest}`, host: url.host, repository };
    if (isSuccess(status)) {
      message.destroy();
      throw new RegistryUnavailable(`${url.host} cut blob ${digest} off and cannot resume it`, {
        data: { ...attempt, received: from },
      });
    }
    const reply = { status, body: await readCapped(message, ERROR_BODY).catch(() => undefined) };
    throw artifactMissing(reply, attempt, digest) ?? refusal(reply, attempt);
  }

  /**
   * POST, then one PUT with Content-Length ("POST then PUT"): ECR answers chunked PATCHes in a way of its own
   * (containers-roadmap #2831), and this saves a request per blob.
   */
  async #startUpload(repository: RepositoryName, { digest }: BlobDescriptor): Promise<URL> {
    const url = this.#http.url(repository, 'blobs/uploads/');
    const headers = { 'content-length': 0 };
    const reply = await this.#http.exchange({ method: 'POST', url, headers });
    const attempt = { act: `begin to put blob ${digest}`, host: url.host, repository };
    if (reply.status === 404) throw repositoryMissing(attempt);
    if (!isSuccess(reply.status)) throw refusal(reply, attempt);
    const session = followLocation(this.#http.endpoint, url, reply.headers.location);
    // Appended as text: what the registry put into its query must come back as it was.
    session.search += `${session.search === '' ? '?' : '&'}digest=${encodeURIComponent(digest)}`;
    return session;
  }
}
