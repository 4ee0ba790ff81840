import { once } from 'node:events';
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import { onTestFinished } from 'vitest';

/** What goes wrong with one request. */
export type StoreFault =
  /** Answered by nobody but the proxy: with this status and S3's code for it. */
  | { readonly answer: number; readonly code: string }
  /** The line is cut after so many bytes of the request. */
  | { readonly cutRequestAfter: number }
  /** The line is cut after so many bytes of the reply's body; nothing of the reply comes at all with `-1`. */
  | { readonly cutReplyAfter: number };

export interface FaultProxy {
  readonly endpoint: string;
  /** `PUT partNumber=2`: method and what tells S3's operations apart, in order. */
  readonly seen: string[];
}

/** Passes requests on to a real store, all but those that `faultOf` has something in store for. Closed with the test. */
export async function faultProxy(
  target: string,
  faultOf: (what: string, nth: number) => StoreFault | undefined = () => undefined,
): Promise<FaultProxy> {
  const seen: string[] = [];
  const server = http
    .createServer((request, response) => {
      const what = operationOf(request);
      seen.push(what);
      handle(target, request, response, faultOf(what, seen.length - 1));
    })
    .listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return { endpoint: `http://127.0.0.1:${address.port}`, seen };
}

/** Without keys and ids, which differ from run to run. */
function operationOf({ method, url = '', headers }: IncomingMessage): string {
  const query = new URL(url, 'http://store').searchParams;
  const names = ['uploads', 'partNumber', 'uploadId', 'tagging', 'list-type'];
  const told = names.flatMap((name) => {
    const value = query.get(name);
    if (value === null) return [];
    return name === 'partNumber' ? [`${name}=${value}`] : [name];
  });
  const copies = headers['x-amz-copy-source'] === undefined ? [] : ['copy'];
  return [method, ...copies, ...told].join(' ');
}

function handle(
  target: string,
  request: IncomingMessage,
  response: ServerResponse,
  fault: StoreFault | undefined,
): void {
  if (fault !== undefined && 'answer' in fault) {
    request.resume();
    request.on('end', () => {
      response.writeHead(fault.answer, { 'content-type': 'application/xml' });
      response.end(
        request.method === 'HEAD'
          ? undefined
          : `<?xml version="1.0"?><Error><Code>${fault.code}</Code><Message>As the test says.</Message></Error>`,
      );
    });
    return;
  }
  const upstream = http.request(new URL(request.url ?? '/', target), {
    method: request.method ?? 'GET',
    // With the host that the client signed for.
    headers: request.headers,
  });
  upstream.on('error', () => response.destroy());
  upstream.on('response', (reply) => passReply(reply, response, fault));
  // Who cuts the line to the proxy cuts the one behind it.
  response.on('close', () => void (response.writableFinished || upstream.destroy()));
  let left = fault !== undefined && 'cutRequestAfter' in fault ? fault.cutRequestAfter : Infinity;
  request.on('data', (chunk: Buffer) => {
    left -= chunk.length;
    if (left < 0) request.destroy();
    else upstream.write(chunk);
  });
  request.on('end', () => (left <= 0 ? request.destroy() : upstream.end()));
}

function passReply(
  reply: IncomingMessage,
  response: ServerResponse,
  fault: StoreFault | undefined,
): void {
  if (fault === undefined || !('cutReplyAfter' in fault)) {
    response.writeHead(reply.statusCode ?? 502, reply.headers);
    reply.pipe(response);
    return;
  }
  let left = fault.cutReplyAfter;
  if (left >= 0) response.writeHead(reply.statusCode ?? 502, reply.headers);
  reply.on('data', (chunk: Buffer) => {
    if (left > 0) response.write(chunk.subarray(0, left));
    left -= chunk.length;
  });
  // Not before its end: what the store does, it has done.
  reply.on('end', () => response.socket?.destroySoon());
}
