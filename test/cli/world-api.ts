import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { audienceOf } from '../../bin/cli/api.ts';
import { TableProvisionRuns } from '../../lambdas/adapters/table-provision-runs.ts';
import { apiApp } from '../../lambdas/board/api-app.ts';
import { redeemIdentity } from '../../lambdas/board/redeem-identity.ts';
import { type FakeSts, startFakeSts } from '../board/fake-sts.ts';
import type { World } from '../promote/world.ts';

/** The stack's own API over all of Conveyor in memory, on a port; who asks proves it as in production. */
export interface WorldApi {
  readonly url: string;
  readonly sts: FakeSts;
  /** What it was asked: `METHOD /path?query`. */
  readonly asked: string[];
  /** Told of each question, before it is answered. */
  heard: (question: string) => void;
  close(): Promise<void>;
}

/** Everything that follows from an answer happens after it was given. */
export async function startWorldApi(world: World): Promise<WorldApi> {
  const sts = await startFakeSts();
  const asked: string[] = [];
  const claimed = new Set<string>();
  const defects: unknown[] = [];
  const server = createServer(async (request, response) => {
    asked.push(`${request.method} ${request.url}`);
    api.heard(`${request.method} ${request.url}`);
    const body = await bodyOf(request);
    const app = apiApp({
      ...world.ports,
      provisionRuns: new TableProvisionRuns(world.table),
      provisioner: { start: async () => {} },
      config: async () => world.config,
      deployments: async () => world.ports.deployments,
      identify: (asking) =>
        redeemIdentity({
          ...asking,
          audience: audienceOf(new URL(`http://${request.headers.host}`)),
          allowedEndpoint: sts.url,
          clock: { now: () => dateOf(request) },
          claimOnce: async (hash) => claimed.size < claimed.add(hash).size,
        }),
      report: (error) => defects.push(error),
    });
    const answer = await app.request(`http://${request.headers.host}${request.url}`, {
      method: request.method ?? 'GET',
      headers: Object.entries(request.headers).map(([name, value]) => [name, `${value}`]) as [
        string,
        string,
      ][],
      ...(body === '' ? {} : { body }),
    });
    response.writeHead(answer.status, { 'content-type': 'application/json' });
    response.end(await answer.text());
    await world.settle();
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const api: WorldApi = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    sts,
    asked,
    heard: () => {},
    close: async () => {
      server.closeAllConnections();
      await new Promise<void>((done) => server.close(() => done()));
      await sts.close();
      if (defects.length > 0) throw defects[0];
    },
  };
  return api;
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

/** The caller's own clock, as the Function URL's signature says it. */
function dateOf(request: IncomingMessage): Date {
  const text = String(request.headers['x-amz-date'] ?? '');
  return new Date(text.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'));
}
