import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { onTestFinished } from 'vitest';

export interface Seen {
  readonly line: string;
  readonly headers: IncomingMessage['headers'];
}

export interface RawServer {
  readonly url: URL;
  readonly seen: Seen[];
}

export type Answer = (request: IncomingMessage, response: ServerResponse) => unknown;

/** A server written by hand for one test, which closes it. `seen` has every request in order. */
export async function rawServer(answer: Answer): Promise<RawServer> {
  const seen: Seen[] = [];
  const server = createServer((request, response) => {
    seen.push({ line: `${request.method} ${request.url}`, headers: request.headers });
    void answer(request, response);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return { url: new URL(`http://127.0.0.1:${address.port}`), seen };
}

/** Gives the answers one after another, the last of them for ever. */
export function inTurn(...answers: readonly Answer[]): Answer {
  let next = 0;
  return (request, response) => answers[Math.min(next++, answers.length - 1)]?.(request, response);
}

export function status(code: number, headers: Record<string, string> = {}, body = ''): Answer {
  return (request, response) => {
    request.resume();
    response.writeHead(code, headers).end(request.method === 'HEAD' ? undefined : body);
  };
}

export function specError(code: number, name: string, message = 'said the registry'): Answer {
  const body = JSON.stringify({ errors: [{ code: name, message, detail: { secret: 'detail' } }] });
  return status(code, { 'content-type': 'application/json' }, body);
}
