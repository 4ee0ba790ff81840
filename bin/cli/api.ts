import { Sha256 } from '@aws-crypto/sha256-js';
import { SignatureV4 } from '@smithy/signature-v4';
import type { AwsCredentialIdentity } from '@smithy/types';
import type { z } from 'zod';
import { IDENTITY_HEADER } from '../../lambdas/board/identity-binding.ts';
import { signIdentity } from '../../lambdas/board/sign-identity.ts';
import { ConveyorError, Unavailable } from '../../lambdas/domain/errors.ts';
import type { Clock } from '../../lambdas/ports/clock.ts';
import { failureOf } from './api-failure.ts';
import { type Sent, send } from './send.ts';

export interface Connection {
  readonly endpoint: URL;
  readonly region: string;
  readonly credentials: AwsCredentialIdentity;
  readonly stsEndpoint: URL;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

const ATTEMPTS = 3;

/** The stack's API as lambdas/board/contract.ts describes it: signed for the Function URL, and with a proof of who asks. */
export class Api {
  readonly #to: Connection;

  constructor(to: Connection) {
    this.#to = to;
  }

  get<T>(
    reply: z.ZodType<T>,
    path: string,
    query: Readonly<Record<string, string | undefined>> = {},
  ): Promise<T> {
    return this.#ask(reply, 'GET', path, query, '', ATTEMPTS);
  }

  /** `repeatable`: the request carries an id that makes asking twice the same as asking once. */
  post<T>(reply: z.ZodType<T>, path: string, body: unknown, repeatable: boolean): Promise<T> {
    return this.#ask(reply, 'POST', path, {}, JSON.stringify(body), repeatable ? ATTEMPTS : 1);
  }

  async #ask<T>(
    reply: z.ZodType<T>,
    method: string,
    path: string,
    query: Readonly<Record<string, string | undefined>>,
    body: string,
    attempts: number,
  ): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return parseReply(reply, await this.#send(method, path, query, body));
      } catch (error) {
        const again = error instanceof ConveyorError && error.retryable && attempt < attempts;
        if (!again || this.#to.signal.aborted) throw error;
        await this.#to.clock.sleep(250 * 2 ** attempt * (0.5 + this.#to.clock.random()));
      }
    }
  }

  async #send(
    method: string,
    path: string,
    query: Readonly<Record<string, string | undefined>>,
    body: string,
  ): Promise<Sent> {
    const { endpoint, region, credentials, stsEndpoint, clock, signal } = this.#to;
    const pairs = Object.entries(query).filter(
      (pair): pair is [string, string] => pair[1] !== undefined,
    );
    const search = pairs.map(([name, value]) => `${escaped(name)}=${escaped(value)}`).join('&');
    const target = search === '' ? path : `${path}?${search}`;
    const identity = await signIdentity({
      method,
      path: target,
      body,
      audience: audienceOf(endpoint),
      credentials,
      region,
      stsEndpoint,
      clock,
    });
    const url = new URL(target.slice(1), audienceOf(endpoint));
    const signer = new SignatureV4({ service: 'lambda', region, credentials, sha256: Sha256 });
    const signed = await signer.sign(
      {
        method,
        protocol: endpoint.protocol,
        hostname: endpoint.hostname,
        path: url.pathname,
        query: Object.fromEntries(pairs),
        headers: {
          host: endpoint.host,
          accept: 'application/json',
          [IDENTITY_HEADER]: identity,
          ...(body === '' ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === '' ? {} : { body }),
      },
      { signingDate: clock.now() },
    );
    const length = { 'content-length': String(Buffer.byteLength(body)) };
    return send(url, method, { ...signed.headers, ...length }, body, signal);
  }
}

/** The stack that a proof is for, written in one way only: `https://host/`; a path is the stack's own prefix. */
export const audienceOf = (endpoint: URL) =>
  new URL(endpoint.pathname.replace(/\/*$/, '/'), endpoint).href;

/** As SigV4 and WHATWG's URL both leave it, so that the server reads the very text that was signed. */
const escaped = (text: string) =>
  encodeURIComponent(text).replace(
    /[!'()*]/g,
    (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
  );

function parseReply<T>(reply: z.ZodType<T>, { status, body }: Sent): T {
  const json = parseJson(body);
  if (status < 200 || status > 299) throw failureOf(status, json);
  const parsed = reply.safeParse(json);
  if (parsed.success) return parsed.data;
  throw new Unavailable('the stack answered in a shape that this CLI does not know', {
    fix: 'Use the CLI of the version that is deployed.',
    data: { at: parsed.error.issues.slice(0, 3).map(({ path }) => path.join('.')) },
  });
}

function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
