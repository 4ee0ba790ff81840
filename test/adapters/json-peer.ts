import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What a service answers in AWS's JSON protocol, or a cut line ("AWS JSON 1.0 and 1.1 protocols", Smithy). */
export type Reply = { readonly status: number; readonly body: object } | 'cut';

/** A refusal as AWS words it. */
export const refusal = (status: number, code: string, more: object = {}): Reply => ({
  status,
  body: { __type: `com.amazonaws.any#${code}`, message: `it says ${code}`, ...more },
});

export interface JsonPeer {
  readonly client: {
    readonly endpoint: string;
    readonly region: string;
    readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
    readonly maxAttempts: number;
  };
  /** Bodies it was sent, in order. */
  readonly asked: readonly Record<string, unknown>[];
  close(): Promise<void>;
}

/** A server in place of an AWS service: the nth request is given the nth reply, later ones the last. */
export async function jsonPeer(...replies: readonly [Reply, ...Reply[]]): Promise<JsonPeer> {
  const asked: Record<string, unknown>[] = [];
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    asked.push(JSON.parse(Buffer.concat(chunks).toString('utf8')));
    const reply = replies[Math.min(asked.length, replies.length) - 1] ?? 'cut';
    if (reply === 'cut') return request.socket.destroy();
    response.writeHead(reply.status, { 'content-type': 'application/x-amz-json-1.1' });
    return response.end(JSON.stringify(reply.body));
  };
  const server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  const { port } = server.address() as AddressInfo;
  return {
    client: {
      endpoint: `http://127.0.0.1:${port}`,
      region: 'us-east-1',
      credentials: { accessKeyId: 'x', secretAccessKey: 'x' },
      maxAttempts: 1,
    },
    asked,
    close: () => new Promise((closed) => server.close(() => closed())),
  };
}
