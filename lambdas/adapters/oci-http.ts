import type { ClientRequest, IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { RegistryRefused, RegistryUnavailable } from '../domain/errors.ts';
import type { RepositoryName } from '../domain/names.ts';
import { retry } from '../domain/retry.ts';
import type { Clock } from '../ports/clock.ts';
import { type Call, drain, readCapped, responseOf, startRequest } from './http-request.ts';
import { isTransient, readWords, retryAfter, throttled } from './registry-failure.ts';
import { followLocation, registryUrl } from './registry-url.ts';

/**
 * Gives the `Authorization` header's value. Called before each request, and once more after a 401 or 403 with
 * the value that was refused, so that whoever caches knows which one to drop.
 */
export type Authorization = (refused?: string) => Promise<string | undefined>;

export interface OciHttpOptions {
  readonly endpoint: URL;
  readonly authorization: Authorization;
  readonly clock: Clock;
  /** Tries per request. @default 5 */
  readonly attempts?: number;
  /** How long a connection may stand still. @default 60_000 (go-containerregistry #1766) */
  readonly idleMilliseconds?: number;
}

export interface Opened {
  readonly message: IncomingMessage;
  readonly status: number;
}

export interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** Undefined where it was longer than the cap. */
  readonly body: Buffer | undefined;
}

const MOST_REDIRECTS = 3;
const REDIRECTS = new Set([301, 302, 303, 307, 308]);
const SMALL_BODY = 64 * 1024;
/** An upload also stands still while its source recovers, and while the registry commits a large blob. */
const UPLOAD_PATIENCE = 2;
const COMMIT_PATIENCE = 5;

/**
 * HTTP as registries need it: authorization that never leaves the registry's origin, redirects by hand, retries
 * of what passes, idle timeouts, and bodies that are never held in memory.
 */
export class OciHttp {
  readonly endpoint: URL;
  readonly #options: OciHttpOptions;
  readonly #idle: number;

  /** @throws NotAllowed for plain http to another machine */
  constructor(options: OciHttpOptions) {
    this.endpoint = registryUrl(options.endpoint);
    this.#options = options;
    this.#idle = options.idleMilliseconds ?? 60_000;
  }

  url(repository: RepositoryName, path: string): URL {
    return new URL(`/v2/${repository}/${path}`, this.endpoint);
  }

  /** One small answer, read whole; a 4xx is an answer too. @throws RegistryUnavailable */
  async exchange(call: Call, cap = SMALL_BODY): Promise<Reply> {
    return await this.#retry(async () => {
      const { message, status } = await this.#authorized(call);
      return { status, headers: message.headers, body: await this.#read(message, call.url, cap) };
    });
  }

  /** An answer whose body the caller reads. @throws RegistryUnavailable */
  async open(call: Call): Promise<Opened> {
    return await this.#retry(() => this.#authorized(call));
  }

  /**
   * PUTs `size` bytes from `body` through `check` in one request, and once: a stream cannot be sent again.
   * @throws what `body` or `check` throw; RegistryUnavailable where the line broke
   */
  async upload(url: URL, size: number, body: Readable, check: Transform): Promise<Reply> {
    const headers = { 'content-type': 'application/octet-stream', 'content-length': size };
    const request = this.#start({ method: 'PUT', url, headers }, await this.#header(url));
    request.setTimeout(this.#idle * UPLOAD_PATIENCE);
    let first: unknown;
    const blame = (wrap: (error: unknown) => unknown) => (error: unknown) => {
      first ??= wrap(error);
    };
    request.once(
      'error',
      blame((error) => this.#unreachable(url, error)),
    );
    for (const stream of [body, check])
      stream.once(
        'error',
        blame((error) => error),
      );

    const response = responseOf(request);
    const stop = new AbortController();
    const sent = pipeline(body, check, request, { signal: stop.signal }).then(() => {
      request.setTimeout(this.#idle * COMMIT_PATIENCE);
    });
    try {
      const message = await Promise.race([response, sent.then(() => response)]);
      // An early "no" leaves bytes unsent; an early "yes" still has to wait for them.
      if ((message.statusCode ?? 0) < 300) await sent;
      const { status } = await this.#settled(message, url);
      return { status, headers: message.headers, body: await this.#read(message, url, SMALL_BODY) };
    } catch (error) {
      throw first ?? (error instanceof RegistryUnavailable ? error : this.#unreachable(url, error));
    } finally {
      stop.abort();
      await sent.catch(() => undefined);
    }
  }

  async #retry<T>(once: () => Promise<T>): Promise<T> {
    return await retry(this.#options.clock, this.#options.attempts ?? 5, once);
  }

  /** ECR's token lives 12 hours and may end in between: a refusal is worth one fresh token, not a loop. */
  async #authorized(call: Call): Promise<Opened> {
    const header = await this.#options.authorization();
    const opened = await this.#followed(call, header);
    if (opened.status !== 401 && opened.status !== 403) return opened;
    const renewed = await this.#options.authorization(header);
    if (renewed === header) return opened;
    drain(opened.message);
    return await this.#followed(call, renewed);
  }

  /** By hand, since the blob store refuses a request that carries the registry's Authorization (opa #6728). */
  async #followed(call: Call, header: string | undefined): Promise<Opened> {
    let url = call.url;
    for (let hops = 0; ; hops++) {
      const own = url.origin === this.endpoint.origin;
      const opened = await this.#sent({ ...call, url }, own ? header : undefined);
      if (!REDIRECTS.has(opened.status) || (call.method !== 'GET' && call.method !== 'HEAD')) {
        return opened;
      }
      drain(opened.message);
      if (hops >= MOST_REDIRECTS) {
        throw new RegistryRefused(
          `${this.endpoint.host} redirected more than ${MOST_REDIRECTS} times`,
          {
            data: { host: this.endpoint.host, status: opened.status },
          },
        );
      }
      url = followLocation(this.endpoint, url, opened.message.headers.location);
    }
  }

  async #sent(call: Call, header: string | undefined): Promise<Opened> {
    const request = this.#start(call, header);
    const response = responseOf(request);
    request.end(call.body);
    const message = await response.catch((cause: unknown) => {
      throw this.#unreachable(call.url, cause);
    });
    return await this.#settled(message, call.url);
  }

  #start(call: Call, header: string | undefined): ClientRequest {
    const authorization = header === undefined ? {} : { authorization: header };
    return startRequest({ ...call, headers: { ...call.headers, ...authorization } }, this.#idle);
  }

  async #header(url: URL): Promise<string | undefined> {
    return url.origin === this.endpoint.origin ? await this.#options.authorization() : undefined;
  }

  async #settled(message: IncomingMessage, { host }: URL): Promise<Opened> {
    const status = message.statusCode ?? 0;
    if (!isTransient(status)) return { message, status };
    const words = readWords(await readCapped(message, SMALL_BODY).catch(() => undefined));
    const wait = retryAfter(message.headers, this.#options.clock.now());
    throw throttled(host, status, words, wait);
  }

  async #read(message: IncomingMessage, url: URL, cap: number): Promise<Buffer | undefined> {
    return await readCapped(message, cap).catch((cause: unknown) => {
      throw this.#unreachable(url, cause);
    });
  }

  #unreachable({ host }: URL, cause: unknown): RegistryUnavailable {
    const reason = cause instanceof Error ? cause.message : String(cause);
    return new RegistryUnavailable(`The connection to ${host} broke: ${reason}`, {
      data: { host },
      cause,
    });
  }
}
