import {
  createServer,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  request,
  type Server,
  type ServerResponse,
} from 'node:http';

/**
 * A port of this machine in front of a server. Requests and replies pass through as they are.
 * @param host the address that it is reached at
 * @param instead answers in the server's place: true where it does
 * @param headers what is sent on instead of the request's own
 * @param onReply the server has answered, its client has not been told yet: what it throws cuts the line
 * @param onSent the client has the whole reply
 */
export function startPassingOn(
  behind: URL,
  port: number,
  {
    host = '127.0.0.1',
    instead = () => false,
    headers = (incoming) => incoming.headers,
    onReply,
    onSent,
  }: {
    readonly host?: string;
    readonly instead?: (incoming: IncomingMessage, outgoing: ServerResponse) => boolean;
    readonly headers?: (incoming: IncomingMessage) => OutgoingHttpHeaders;
    readonly onReply?: (incoming: IncomingMessage, status: number) => Promise<void> | void;
    readonly onSent?: (incoming: IncomingMessage, status: number) => void;
  },
): Promise<Server> {
  const server = createServer((incoming, outgoing) => {
    if (instead(incoming, outgoing)) return;
    const onward = request(
      {
        host: behind.hostname,
        port: behind.port,
        method: incoming.method,
        path: incoming.url,
        headers: headers(incoming),
      },
      async (reply) => {
        const { statusCode = 502 } = reply;
        try {
          await onReply?.(incoming, statusCode);
        } catch {
          outgoing.destroy();
          return;
        }
        outgoing.writeHead(statusCode, reply.headers);
        reply.pipe(outgoing);
        reply.once('end', () => onSent?.(incoming, statusCode));
      },
    );
    onward.on('error', () => outgoing.destroy());
    incoming.pipe(onward);
  });
  server.requestTimeout = 0;
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => resolve(server));
  });
}
