import { type ServerType, serve } from '@hono/node-server';

export interface Served {
  /** The port it got, where 0 was asked. */
  readonly port: number;
  /** At once: nobody waits for browsers that keep a connection open. */
  close(): Promise<void>;
}

/** Serves an app on the loopback interface only. */
export async function serveLoopback(
  app: { fetch: Parameters<typeof serve>[0]['fetch'] },
  port: number,
): Promise<Served> {
  const options = { fetch: app.fetch, port, hostname: '127.0.0.1' };
  const server = await new Promise<ServerType>((resolve, reject) => {
    const started: ServerType = serve(options, () => resolve(started));
    started.once('error', reject);
  });
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        if ('closeAllConnections' in server) server.closeAllConnections();
      }),
  };
}
