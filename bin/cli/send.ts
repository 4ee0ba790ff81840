import { type LookupAddress, type LookupOptions, lookup as resolve } from 'node:dns';
import { request as plainRequest } from 'node:http';
import { request as tlsRequest } from 'node:https';
import { Unavailable } from '../../lambdas/domain/errors.ts';

export interface Sent {
  readonly status: number;
  readonly body: string;
}

const TIMEOUT_MS = 30_000;
const MAX_REPLY = 16_000_000;

type Answer = (
  error: NodeJS.ErrnoException | null,
  address: string | LookupAddress[],
  family?: number,
) => void;

/** `*.localhost` is this machine (RFC 6761, 6.3), also where the resolver does not know: the twin's Function URLs. */
function lookup(host: string, options: LookupOptions, answer: Answer): void {
  if (!host.endsWith('.localhost')) resolve(host, options, answer);
  else if (options.all === true) answer(null, [{ address: '127.0.0.1', family: 4 }]);
  else answer(null, '127.0.0.1', 4);
}

/** One request, no redirects. Throws Unavailable when no whole answer came. */
export function send(
  url: URL,
  method: string,
  headers: Readonly<Record<string, string>>,
  body: string,
  signal: AbortSignal,
): Promise<Sent> {
  return new Promise((done, fail) => {
    const broken = (cause: unknown) =>
      fail(
        new Unavailable(`${url.host} did not answer`, {
          cause,
          fix: 'Check the network and the endpoint.',
          data: { host: url.host },
        }),
      );
    const start = url.protocol === 'http:' ? plainRequest : tlsRequest;
    const limits = { timeout: TIMEOUT_MS, signal };
    const request = start(url, { method, headers, lookup, ...limits }, (response) => {
      const chunks: Buffer[] = [];
      let length = 0;
      response.on('data', (chunk: Buffer) => {
        length += chunk.length;
        if (length > MAX_REPLY) request.destroy(new RangeError('reply too long'));
        else chunks.push(chunk);
      });
      response.on('error', broken);
      response.on('end', () =>
        done({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString('utf8') }),
      );
    });
    request.on('timeout', () => request.destroy(new RangeError('timeout')));
    request.on('error', broken);
    request.end(body);
  });
}
