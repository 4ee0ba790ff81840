import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { audienceOf } from '../../bin/cli/api.ts';
import { IDENTITY_HEADER } from '../../lambdas/board/identity-binding.ts';
import { redeemIdentity } from '../../lambdas/board/redeem-identity.ts';
import { ConveyorError } from '../../lambdas/domain/errors.ts';
import { type FakeSts, startFakeSts } from '../board/fake-sts.ts';

export interface Canned {
  readonly status?: number;
  readonly body: unknown;
}

/** The stack's API with canned replies. It lets nobody in without a proof of identity that its own STS accepts. */
export interface FakeApi {
  readonly url: string;
  readonly sts: FakeSts;
  /** What it was asked: `METHOD /path?query body`. */
  readonly asked: string[];
  /** Replies by `METHOD /path`; of several the first ones are given once, the last for ever. */
  /** Proofs that were used. */
  readonly claimed: Set<string>;
  readonly replies: Map<string, Canned[]>;
  close(): Promise<void>;
}

export async function startFakeApi(): Promise<FakeApi> {
  const sts = await startFakeSts();
  const claimed = new Set<string>();
  const asked: string[] = [];
  const replies = new Map<string, Canned[]>();

  const identify = (request: IncomingMessage, body: string) =>
    redeemIdentity({
      method: request.method ?? '',
      path: normalised(request.url),
      body,
      audience: audienceOf(new URL(`http://${request.headers.host}`)),
      header: String(request.headers[IDENTITY_HEADER] ?? ''),
      allowedEndpoint: sts.url,
      clock: { now: () => dateOf(request) },
      claimOnce: async (hash) => claimed.size < claimed.add(hash).size,
    });

  const answer = async (request: IncomingMessage): Promise<Canned> => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = Buffer.concat(chunks).toString();
    asked.push([request.method, request.url, body].filter(Boolean).join(' '));
    try {
      await identify(request, body);
    } catch (error) {
      const code = error instanceof ConveyorError ? error.name : 'Defect';
      return { status: 403, body: { error: { code, message: String(error) } } };
    }
    const path = (request.url ?? '').split('?')[0];
    const canned = replies.get(`${request.method} ${path}`);
    const next = canned !== undefined && canned.length > 1 ? canned.shift() : canned?.[0];
    return (
      next ?? { status: 404, body: { error: { code: 'NotFound', message: `nothing at ${path}` } } }
    );
  };

  const server = createServer((request, response) => {
    answer(request).then(({ status = 200, body }) => {
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(typeof body === 'string' ? body : JSON.stringify(body));
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    sts,
    asked,
    claimed,
    replies,
    close: async () => {
      server.closeAllConnections();
      await new Promise<void>((done) => server.close(() => done()));
      await sts.close();
    },
  };
}

/** As the Lambda behind a Function URL sees it, through WHATWG's URL. */
function normalised(path: string | undefined): string {
  const { pathname, search } = new URL(path ?? '/', 'http://x');
  return pathname + search;
}

/** The caller's own clock, as the Function URL's signature says it; a real server has its own. */
function dateOf(request: IncomingMessage): Date {
  const text = String(request.headers['x-amz-date'] ?? '');
  return new Date(text.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'));
}
