import type { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { OciRegistry } from '../../lambdas/adapters/oci-registry.ts';
import { digestOf } from '../../lambdas/domain/digest.ts';
import { RepositoryName, Version } from '../../lambdas/domain/names.ts';
import { FixedClock } from '../fakes/fixed-clock.ts';
import { inTurn, type RawServer, rawServer, specError, status } from './raw-server.ts';

const SHOP = RepositoryName.parse('team/shop');
const V1 = Version.parse('1.0.0');
const BYTES = Buffer.from('the bytes of a layer');
const BLOB = { digest: digestOf(BYTES), size: BYTES.length };
const SECRET = 'Basic c2VjcmV0';

function registryAt({ url }: Pick<RawServer, 'url'>, clock = new FixedClock()): OciRegistry {
  return new OciRegistry({ endpoint: url, authorization: async () => SECRET, clock });
}

async function readAll(body: Readable): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of body as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

const theBlob = status(200, { 'content-length': String(BYTES.length) }, BYTES.toString());

describe('redirects (T6)', () => {
  it('leave the Authorization behind when they lead to another host', async () => {
    const store = await rawServer(theBlob);
    const location = new URL('/bucket/key?X-Amz-Signature=s', store.url).href;
    const registry = await rawServer(status(307, { location }));

    const body = await readAll(await registryAt(registry).pull(SHOP, BLOB));

    expect(body).toBe(BYTES.toString());
    expect(registry.seen[0]?.headers.authorization).toBe(SECRET);
    expect(store.seen[0]?.line).toBe('GET /bucket/key?X-Amz-Signature=s');
    expect(store.seen[0]?.headers.authorization).toBeUndefined();
  });

  it('take the Authorization along on the same host', async () => {
    const registry = await rawServer(inTurn(status(302, { location: '/elsewhere' }), theBlob));

    await readAll(await registryAt(registry).pull(SHOP, BLOB));

    expect(registry.seen[1]).toMatchObject({
      line: 'GET /elsewhere',
      headers: { authorization: SECRET },
    });
  });

  it('are followed three times and no further', async () => {
    const registry = await rawServer(status(307, { location: '/again' }));

    const pulled = registryAt(registry).pull(SHOP, BLOB);

    await expect(pulled).rejects.toMatchObject({ name: 'RegistryRefused' });
    expect(registry.seen).toHaveLength(4);
  });

  it('never lead to plain http on another machine', async () => {
    const location = 'http://169.254.169.254/latest/meta-data/';
    const registry = await rawServer(status(307, { location }));

    const pulled = registryAt(registry).pull(SHOP, BLOB);

    await expect(pulled).rejects.toMatchObject({ name: 'NotAllowed' });
  });

  it('without a usable Location are refused', async () => {
    const registry = await rawServer(status(307, { location: 'http://[' }));

    const pulled = registryAt(registry).pull(SHOP, BLOB);

    await expect(pulled).rejects.toMatchObject({ name: 'RegistryRefused' });
  });
});

describe('what passes is tried again', () => {
  it.each([408, 429, 500, 502, 503])('a %i, after a pause', async (code) => {
    const clock = new FixedClock();
    const server = await rawServer(inTurn(status(code), status(code), status(200)));

    expect(await registryAt(server, clock).hasBlob(SHOP, BLOB.digest)).toBe(true);

    expect(server.seen).toHaveLength(3);
    expect(clock.slept).toHaveLength(2);
    expect(clock.slept[0]).toBeGreaterThanOrEqual(125);
    expect(clock.slept[1]).toBeLessThanOrEqual(750);
  });

  it.each([
    ['seconds', '7'],
    ['a date', 'Thu, 01 Jan 2026 00:00:07 GMT'],
  ])('not before Retry-After, given as %s', async (_form, value) => {
    const clock = new FixedClock('2026-01-01T00:00:00Z');
    const server = await rawServer(inTurn(status(429, { 'retry-after': value }), status(200)));

    await registryAt(server, clock).hasBlob(SHOP, BLOB.digest);

    expect(clock.slept[0]).toBeGreaterThanOrEqual(7000);
  });

  it('at most a minute later, whatever Retry-After says', async () => {
    const clock = new FixedClock();
    const server = await rawServer(inTurn(status(429, { 'retry-after': '86400' }), status(200)));

    await registryAt(server, clock).hasBlob(SHOP, BLOB.digest);

    expect(clock.slept[0]).toBeLessThan(61_000);
  });

  it('a connection that is reset', async () => {
    const reset = (request: { socket: { resetAndDestroy(): void } }) =>
      request.socket.resetAndDestroy();
    const server = await rawServer(inTurn(reset, status(200)));

    expect(await registryAt(server).hasBlob(SHOP, BLOB.digest)).toBe(true);
  });

  it('a small answer that is cut off', async () => {
    const manifest = JSON.stringify({ schemaVersion: 2 });
    const type = { 'content-type': 'application/vnd.oci.image.manifest.v1+json' };
    const server = await rawServer(
      inTurn(
        (_request, response) => {
          response.writeHead(200, { ...type, 'content-length': '1000' }).write(manifest);
          setImmediate(() => response.destroy());
        },
        status(200, type, manifest),
      ),
    );

    const read = await registryAt(server).manifest(SHOP, V1);

    expect(read.digest).toBe(digestOf(manifest));
  });

  it('but not for ever: five times, then it is RegistryUnavailable', async () => {
    const server = await rawServer(specError(503, 'TOOMANYREQUESTS', 'slow down'));

    const asked = registryAt(server).head(SHOP, V1);

    await expect(asked).rejects.toMatchObject({
      name: 'RegistryUnavailable',
      retryable: true,
      data: { status: 503, host: server.url.host },
    });
    expect(server.seen).toHaveLength(5);
  });

  it('never a plain refusal', async () => {
    const server = await rawServer(specError(405, 'UNSUPPORTED', 'Limit on number of layers'));

    const asked = registryAt(server).manifest(SHOP, V1);

    await expect(asked).rejects.toMatchObject({
      name: 'RegistryRefused',
      retryable: false,
      data: { status: 405, code: 'UNSUPPORTED', message: 'Limit on number of layers' },
    });
    expect(server.seen).toHaveLength(1);
  });

  it('a server that stands still counts as gone', async () => {
    const server = await rawServer(() => undefined);
    const registry = new OciRegistry({
      endpoint: server.url,
      authorization: async () => undefined,
      clock: new FixedClock(),
      attempts: 2,
      idleMilliseconds: 20,
    });

    const asked = registry.hasBlob(SHOP, BLOB.digest);

    await expect(asked).rejects.toMatchObject({ name: 'RegistryUnavailable' });
    expect(server.seen).toHaveLength(2);
  });
});

describe('authorization', () => {
  it.each([401, 403])('is renewed once after a %i', async (code) => {
    const refusals: (string | undefined)[] = [];
    const authorization = async (refused?: string): Promise<string> => {
      refusals.push(refused);
      return refused === undefined ? 'Basic old' : 'Basic new';
    };
    const server = await rawServer(inTurn(status(code), status(200)));
    const clock = new FixedClock();
    const registry = new OciRegistry({ endpoint: server.url, authorization, clock });

    expect(await registry.hasBlob(SHOP, BLOB.digest)).toBe(true);

    expect(refusals).toEqual([undefined, 'Basic old']);
    expect(server.seen.map((request) => request.headers.authorization)).toEqual([
      'Basic old',
      'Basic new',
    ]);
  });

  it('that does not change is not tried again, and is in no error (T9)', async () => {
    const server = await rawServer(specError(403, 'DENIED', 'not yours'));

    const error: unknown = await registryAt(server)
      .manifest(SHOP, V1)
      .catch((thrown: unknown) => thrown);

    expect(error).toMatchObject({ name: 'RegistryRefused', data: { status: 403, code: 'DENIED' } });
    expect(JSON.stringify(error)).not.toContain(SECRET);
    expect(server.seen).toHaveLength(1);
  });

  it('needs TLS, except on this machine', () => {
    const authorization = async (): Promise<string> => SECRET;
    const make = (endpoint: string) => () =>
      new OciRegistry({ endpoint: new URL(endpoint), authorization, clock: new FixedClock() });

    expect(make('http://registry.example')).toThrow(/Refused to speak http:/);
    expect(make('http://127.0.0.1.example')).toThrow(/Refused/);
    expect(make('http://10.0.0.1')).toThrow(/Refused/);
    expect(make('ftp://localhost')).toThrow(/Refused/);
    for (const fine of ['https://registry.example', 'http://localhost:5001', 'http://[::1]:5001']) {
      expect(make(fine)).not.toThrow();
    }
  });
});
