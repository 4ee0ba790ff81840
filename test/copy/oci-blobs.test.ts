import { once } from 'node:events';
import { Readable } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { OciRegistry } from '../../lambdas/adapters/oci-registry.ts';
import { digestOf } from '../../lambdas/domain/digest.ts';
import { RepositoryName } from '../../lambdas/domain/names.ts';
import { FixedClock } from '../fakes/fixed-clock.ts';
import { type Answer, inTurn, type RawServer, rawServer, specError, status } from './raw-server.ts';

const SHOP = RepositoryName.parse('team/shop');
const BYTES = Buffer.alloc(400_000, 'layer');
const BLOB = { digest: digestOf(BYTES), size: BYTES.length };
const SESSION = '/v2/team/shop/blobs/uploads/1?_state=a%2Fb+c%3D';

function registryAt({ url }: RawServer): OciRegistry {
  const authorization = async (): Promise<string> => 'Basic c2VjcmV0';
  return new OciRegistry({ endpoint: url, authorization, clock: new FixedClock() });
}

async function readAll(body: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of body as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** Serves the blob, `Range` included, and cuts the line after `most` bytes. */
function cutting(most: number): Answer {
  return (request, response) => {
    const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
    const headers = { 'content-length': String(BYTES.length - from) };
    response.writeHead(from === 0 ? 200 : 206, headers);
    const part = BYTES.subarray(from, from + most);
    response.write(part, () => (from + most >= BYTES.length ? response.end() : response.destroy()));
  };
}

describe('pulling a blob', () => {
  it('goes on where the line was cut', async () => {
    const server = await rawServer(cutting(150_000));

    const body = await readAll(await registryAt(server).pull(SHOP, BLOB));

    expect(digestOf(body)).toBe(BLOB.digest);
    const ranges = server.seen.map((request) => request.headers.range);
    expect(ranges[0]).toBeUndefined();
    expect(ranges.slice(1).every((range) => /^bytes=[1-9]\d*-$/.test(range ?? ''))).toBe(true);
  });

  it('gives up on a line that is cut again and again', async () => {
    const server = await rawServer(cutting(1000));

    const read = readAll(await registryAt(server).pull(SHOP, BLOB));

    await expect(read).rejects.toMatchObject({
      name: 'RegistryUnavailable',
      data: { size: BLOB.size },
    });
    expect(server.seen).toHaveLength(6);
  });

  it('gives up where the server cannot resume', async () => {
    const server = await rawServer((_request, response) => {
      response.writeHead(200, { 'content-length': String(BYTES.length) });
      response.write(BYTES.subarray(0, 1000), () => response.destroy());
    });

    const read = readAll(await registryAt(server).pull(SHOP, BLOB));

    await expect(read).rejects.toMatchObject({ name: 'RegistryUnavailable' });
    expect(server.seen).toHaveLength(2);
  });

  it('keeps nothing of the blob store’s error but code and message', async () => {
    const xml =
      '<Error><Code>InvalidToken</Code><Message>The token is malformed</Message><Token-0>session</Token-0></Error>';
    const store = await rawServer(status(400, {}, xml));
    const location = new URL('/key?X-Amz-Security-Token=session', store.url).href;
    const server = await rawServer(status(307, { location }));

    const error: unknown = await registryAt(server)
      .pull(SHOP, BLOB)
      .catch((thrown: unknown) => thrown);

    expect(error).toMatchObject({
      name: 'RegistryRefused',
      data: { status: 400, code: 'InvalidToken', message: 'The token is malformed' },
    });
    expect(`${error}${JSON.stringify(error)}`).not.toContain('session');
  });
});

describe('pushing a blob', () => {
  const body = (bytes = BYTES): Readable =>
    Readable.from([bytes.subarray(0, 300_000), bytes.subarray(300_000)], { objectMode: false });

  it('is POST then one PUT, with a relative Location and its query as given', async () => {
    let stored: Promise<Buffer> | undefined;
    const server = await rawServer((request, response) => {
      if (request.method === 'POST') return status(202, { location: SESSION })(request, response);
      stored = readAll(request);
      return stored.then(() => response.writeHead(201).end());
    });

    await registryAt(server).push(SHOP, BLOB, body());

    expect(server.seen.map((request) => request.line)).toEqual([
      'POST /v2/team/shop/blobs/uploads/',
      `PUT ${SESSION}&digest=${encodeURIComponent(BLOB.digest)}`,
    ]);
    expect(server.seen[1]?.headers['content-length']).toBe(String(BLOB.size));
    expect(digestOf((await stored) ?? '')).toBe(BLOB.digest);
  });

  it('never sends the last bytes of a blob that is not what it should be', async () => {
    const damaged = Buffer.from(BYTES);
    damaged.writeUInt8(0, 5);
    let received = 0;
    let closed: Promise<unknown> | undefined;
    const server = await rawServer((request, response) => {
      if (request.method === 'POST') return status(202, { location: SESSION })(request, response);
      request.on('data', (chunk: Buffer) => {
        received += chunk.length;
      });
      closed = new Promise((resolve) => request.on('error', resolve));
      return closed;
    });

    const pushed = registryAt(server).push(SHOP, BLOB, hesitating(damaged));

    await expect(pushed).rejects.toMatchObject({
      name: 'DigestMismatch',
      data: { expected: BLOB.digest, actual: digestOf(damaged) },
    });
    await closed;
    expect(received).toBeLessThan(BLOB.size);
  });

  it('names the missing repository, and lets go of the source', async () => {
    const server = await rawServer(specError(404, 'NAME_UNKNOWN'));
    const source = body();

    const pushed = registryAt(server).push(SHOP, BLOB, source);

    await expect(pushed).rejects.toMatchObject({
      name: 'RepositoryMissing',
      data: { repository: SHOP },
    });
    expect(source.destroyed).toBe(true);
  });

  it('hears a refusal that comes before the last byte', async () => {
    const endless = Readable.from(forever(), { objectMode: false });
    const server = await rawServer((request, response) => {
      if (request.method === 'POST') return status(202, { location: SESSION })(request, response);
      const words = { errors: [{ code: 'SIZE_INVALID', message: 'too large' }] };
      return response.writeHead(413).end(JSON.stringify(words));
    });

    const pushed = registryAt(server).push(SHOP, { ...BLOB, size: 2 ** 40 }, endless);

    await expect(pushed).rejects.toMatchObject({
      name: 'RegistryRefused',
      data: { status: 413, code: 'SIZE_INVALID' },
    });
    expect(endless.destroyed).toBe(true);
  });

  it('says that it may be tried again where the line breaks', async () => {
    const server = await rawServer((request, response) => {
      if (request.method === 'POST') return status(202, { location: SESSION })(request, response);
      return once(request, 'data').then(() => request.socket.resetAndDestroy());
    });
    const source = Readable.from(forever(), { objectMode: false });

    const pushed = registryAt(server).push(SHOP, { ...BLOB, size: 2 ** 40 }, source);

    await expect(pushed).rejects.toMatchObject({ name: 'RegistryUnavailable' });
    expect(source.destroyed).toBe(true);
  });

  it('is not repeated after a 503, since its bytes are gone', async () => {
    const put: Answer = (request, response) => {
      request.resume().on('end', () => response.writeHead(503).end());
    };
    const server = await rawServer(inTurn(status(202, { location: SESSION }), put));

    const pushed = registryAt(server).push(SHOP, BLOB, body());

    await expect(pushed).rejects.toMatchObject({
      name: 'RegistryUnavailable',
      data: { status: 503 },
    });
    expect(server.seen).toHaveLength(2);
  });
});

function* forever(): Generator<Buffer> {
  for (;;) yield BYTES;
}

/** All the bytes, and only after a while the end: whoever does not hold anything back has sent them by then. */
function hesitating(bytes: Buffer): Readable {
  async function* chunks(): AsyncGenerator<Buffer> {
    yield bytes.subarray(0, 300_000);
    yield bytes.subarray(300_000);
    for (let turn = 0; turn < 100; turn++) await nextTurn();
  }
  return Readable.from(chunks(), { objectMode: false });
}
