import { createServer } from 'node:net';
import type { Ports } from './layout.ts';

/** Every port the twin needs is free, or an error that says which are not and what to do. */
export async function requireFreePorts(ports: Ports): Promise<void> {
  const wanted = [
    ports.emulator,
    ports.github,
    ports.argocd,
    ports.inbox,
    ports.r2,
    ports.r2Store,
    ...Object.values(ports.registries),
  ];
  const free = await Promise.all(wanted.map(isFree));
  const taken = wanted.filter((_, i) => !free[i]);
  if (taken.length === 0) return;
  throw new Error(
    `Port ${taken.join(', ')} on 127.0.0.1 is in use. Perhaps a twin runs already; stop it (Ctrl-C there), or start this one elsewhere: TWIN_BASE_PORT=14566 npm start`,
  );
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () =>
      server.close(() => resolve(true)),
    );
  });
}
