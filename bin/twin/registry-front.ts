import { createServer, request, type Server } from 'node:http';
import { ACCOUNTS, type AccountName, type Ports, REGION } from './layout.ts';

/** Seen after the registry has answered and before the client learns of it: the moment to play a death. */
export type OnStored = (push: {
  account: AccountName;
  repository: string;
  reference: string;
}) => Promise<void> | void;

/**
 * One loopback port an account in front of the emulator's registry, which tells accounts apart by the Host header that
 * no laptop can resolve.
 */
export async function startRegistryFronts(
  endpoint: URL,
  ports: Ports,
  onStored: OnStored,
): Promise<{ close(): Promise<void> }> {
  const servers = await Promise.all(
    (Object.keys(ACCOUNTS) as AccountName[]).map((account) =>
      listen(account, endpoint, ports.registries[account], onStored),
    ),
  );
  return { close: async () => void (await Promise.all(servers.map(close))) };
}

function listen(
  account: AccountName,
  endpoint: URL,
  port: number,
  onStored: OnStored,
): Promise<Server> {
  const host = `${ACCOUNTS[account]}.dkr.ecr.${REGION}.amazonaws.com`;
  const server = createServer((incoming, outgoing) => {
    const onward = request(
      {
        host: endpoint.hostname,
        port: endpoint.port,
        method: incoming.method,
        path: incoming.url,
        headers: { ...incoming.headers, host },
      },
      (reply) => {
        const answer = () => {
          outgoing.writeHead(reply.statusCode ?? 502, reply.headers);
          reply.pipe(outgoing);
        };
        const stored =
          incoming.method === 'PUT' && reply.statusCode === 201
            ? /^\/v2\/(.+)\/manifests\/([^/?]+)/.exec(incoming.url ?? '')
            : null;
        if (stored === null) return answer();
        Promise.resolve(
          onStored({ account, repository: stored[1] ?? '', reference: stored[2] ?? '' }),
        ).then(answer, () => outgoing.destroy());
      },
    );
    onward.on('error', () => outgoing.destroy());
    incoming.pipe(onward);
  });
  server.requestTimeout = 0;
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve(server));
  });
}

function close(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}
