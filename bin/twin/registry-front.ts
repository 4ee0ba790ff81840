import type { Server } from 'node:http';
import { ACCOUNTS, type AccountName, type Ports, REGION } from './layout.ts';
import { startPassingOn } from './pass-on.ts';

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
  return startPassingOn(endpoint, port, {
    headers: (incoming) => ({ ...incoming.headers, host }),
    onReply: async ({ method, url = '' }, status) => {
      if (method !== 'PUT' || status !== 201) return;
      const [, repository, reference] = /^\/v2\/(.+)\/manifests\/([^/?]+)/.exec(url) ?? [];
      if (repository !== undefined && reference !== undefined)
        await onStored({ account, repository, reference });
    },
  });
}

function close(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}
