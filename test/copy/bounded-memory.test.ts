import type { IncomingMessage, ServerResponse } from 'node:http';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { OciRegistry } from '../../lambdas/adapters/oci-registry.ts';
import { copyBlob } from '../../lambdas/copy/copy-blob.ts';
import { finishDigest, startDigest } from '../../lambdas/domain/digest.ts';
import { RepositoryName } from '../../lambdas/domain/names.ts';
import { FixedClock } from '../fakes/fixed-clock.ts';
import { type RawServer, rawServer, status } from './raw-server.ts';

const SHOP = RepositoryName.parse('team/shop');
const MEBIBYTE = Buffer.alloc(2 ** 20, 'conveyor');
const SIZE_MEBIBYTES = 200;
/** Our buffers are well under one; the rest is what two loopback sockets may hold in the kernel. */
const MOST_UNDER_WAY = 32 * 2 ** 20;

it('holds a few buffers of a 200 MiB blob, however slowly the destination takes it', async () => {
  let sent = 0;
  let received = 0;
  let mostUnderWay = 0;
  const stored = startDigest();
  const serve = (response: ServerResponse): void => {
    response.writeHead(200, { 'content-length': String(SIZE_MEBIBYTES * 2 ** 20) });
    const pump = (): void => {
      while (sent < SIZE_MEBIBYTES * 2 ** 20) {
        sent += MEBIBYTE.length;
        mostUnderWay = Math.max(mostUnderWay, sent - received);
        if (!response.write(MEBIBYTE)) return;
      }
      response.end();
    };
    response.on('drain', pump);
    pump();
  };
  const store = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      received += chunk.length;
      stored.update(chunk);
      // A slow destination: the source gets many turns of the event loop for each of its own.
      for (let turn = 0; turn < 5; turn++) await nextTurn();
    }
    response.writeHead(201).end();
  };
  const source = await rawServer((_request, response) => serve(response));
  const destination = await rawServer((request, response) => {
    if (request.method === 'HEAD') return status(404)(request, response);
    if (request.method === 'PUT') return store(request, response);
    return status(202, { location: '/session' })(request, response);
  });
  const blob = { digest: digestOfAll(), size: SIZE_MEBIBYTES * 2 ** 20, foreign: false };

  const outcome = await copyBlob(placeAt(source), placeAt(destination), blob, new FixedClock());

  expect(outcome).toBe('copied');
  expect(finishDigest(stored)).toBe(blob.digest);
  expect(mostUnderWay).toBeLessThan(MOST_UNDER_WAY);
}, 60_000);

function placeAt({ url }: RawServer): { registry: OciRegistry; repository: RepositoryName } {
  const authorization = async (): Promise<undefined> => undefined;
  const registry = new OciRegistry({ endpoint: url, authorization, clock: new FixedClock() });
  return { registry, repository: SHOP };
}

function digestOfAll(): ReturnType<typeof finishDigest> {
  const hash = startDigest();
  for (let at = 0; at < SIZE_MEBIBYTES; at++) hash.update(MEBIBYTE);
  return finishDigest(hash);
}
