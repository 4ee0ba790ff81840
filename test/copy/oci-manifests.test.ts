import { describe, expect, it } from 'vitest';
import { OciRegistry } from '../../lambdas/adapters/oci-registry.ts';
import { digestOf } from '../../lambdas/domain/digest.ts';
import { RepositoryName, Version } from '../../lambdas/domain/names.ts';
import { FixedClock } from '../fakes/fixed-clock.ts';
import { type Answer, inTurn, type RawServer, rawServer, specError, status } from './raw-server.ts';

const SHOP = RepositoryName.parse('team/shop');
const V1 = Version.parse('1.0.0');
const TYPE = 'application/vnd.oci.image.manifest.v1+json';
const BYTES = Buffer.from(`{ "schemaVersion": 2, "mediaType": "${TYPE}" }`);
const MANIFEST = { digest: digestOf(BYTES), mediaType: TYPE, bytes: BYTES };
const OTHER = digestOf('other');

function registryAt({ url }: RawServer): OciRegistry {
  const authorization = async (): Promise<undefined> => undefined;
  return new OciRegistry({ endpoint: url, authorization, clock: new FixedClock() });
}

function names(digest: string): Answer {
  return status(200, {
    'docker-content-digest': digest,
    'content-type': TYPE,
    'content-length': String(BYTES.length),
  });
}

const lines = ({ seen }: RawServer): string[] => seen.map(({ line }) => line.split(' ')[0] ?? '');

describe('reading a manifest', () => {
  it('computes the digest where the answer has none, as ECR’s', async () => {
    const server = await rawServer(
      status(200, { 'content-type': `${TYPE}; charset=utf-8` }, BYTES.toString()),
    );

    const read = await registryAt(server).manifest(SHOP, V1);

    expect(read).toEqual(MANIFEST);
    expect(server.seen[0]?.headers.accept).toContain('application/vnd.oci.image.index.v1+json');
  });

  it('believes the document where the server names no type', async () => {
    const type = { 'content-type': 'application/octet-stream' };
    const server = await rawServer(status(200, type, BYTES.toString()));

    expect((await registryAt(server).manifest(SHOP, V1)).mediaType).toBe(TYPE);
  });

  it('asked by digest, accepts no other bytes', async () => {
    const server = await rawServer(status(200, { 'content-type': TYPE }, BYTES.toString()));

    const read = registryAt(server).manifest(SHOP, OTHER);

    await expect(read).rejects.toMatchObject({
      name: 'DigestMismatch',
      data: { expected: OTHER, actual: MANIFEST.digest },
    });
  });

  it('asked by tag, accepts no other bytes than the header promises', async () => {
    const headers = { 'content-type': TYPE, 'docker-content-digest': OTHER };
    const server = await rawServer(status(200, headers, BYTES.toString()));

    await expect(registryAt(server).manifest(SHOP, V1)).rejects.toMatchObject({
      name: 'DigestMismatch',
      data: { expected: OTHER, actual: MANIFEST.digest },
    });
  });

  it('stops at 4 MiB', async () => {
    const server = await rawServer(status(200, { 'content-type': TYPE }, 'x'.repeat(2 ** 22 + 1)));

    await expect(registryAt(server).manifest(SHOP, V1)).rejects.toMatchObject({
      name: 'RegistryRefused',
    });
  });

  it('tells a missing tag from a missing repository', async () => {
    const noTag = await rawServer(specError(404, 'MANIFEST_UNKNOWN'));
    const noRepository = await rawServer(specError(404, 'NAME_UNKNOWN'));

    expect(await registryAt(noTag).head(SHOP, V1)).toBeUndefined();
    await expect(registryAt(noRepository).head(SHOP, V1)).rejects.toMatchObject({
      name: 'RepositoryMissing',
      data: { repository: SHOP },
    });
  });

  it('asks GET for the digest where HEAD does not say it', async () => {
    const server = await rawServer(status(200, { 'content-type': TYPE }, BYTES.toString()));

    const described = await registryAt(server).head(SHOP, V1);

    expect(described).toEqual({ digest: MANIFEST.digest, mediaType: TYPE, size: BYTES.length });
    expect(lines(server)).toEqual(['HEAD', 'GET']);
  });
});

describe('putting a tag', () => {
  it('sends nothing where the tag names the digest already', async () => {
    const server = await rawServer(names(MANIFEST.digest));

    await registryAt(server).put(SHOP, MANIFEST, V1);

    expect(lines(server)).toEqual(['HEAD']);
  });

  it('sends nothing where the tag names another digest', async () => {
    const server = await rawServer(names(OTHER));

    const put = registryAt(server).put(SHOP, MANIFEST, V1);

    await expect(put).rejects.toMatchObject({
      name: 'DigestConflict',
      data: { tag: V1, existing: OTHER, wanted: MANIFEST.digest },
    });
    expect(lines(server)).toEqual(['HEAD']);
  });

  it.each([400, 403, 409])('takes a %i for success where the tag is ours by now', async (code) => {
    const refused = specError(code, 'TAG_INVALID', 'The image tag already exists');
    const server = await rawServer(inTurn(status(404), refused, names(MANIFEST.digest)));

    await registryAt(server).put(SHOP, MANIFEST, V1);

    expect(lines(server)).toEqual(['HEAD', 'PUT', 'HEAD']);
  });

  it('names both digests where somebody else was faster', async () => {
    const server = await rawServer(
      inTurn(status(404), specError(400, 'TAG_INVALID'), names(OTHER)),
    );

    const put = registryAt(server).put(SHOP, MANIFEST, V1);

    await expect(put).rejects.toMatchObject({ name: 'DigestConflict', data: { existing: OTHER } });
  });

  it('passes on what the registry said where the tag is still free', async () => {
    const invalid = specError(400, 'MANIFEST_INVALID', 'Invalid JSON syntax');
    const server = await rawServer(inTurn(status(404), invalid, status(404)));

    const put = registryAt(server).put(SHOP, MANIFEST, V1);

    await expect(put).rejects.toMatchObject({
      name: 'RegistryRefused',
      data: { status: 400, code: 'MANIFEST_INVALID', message: 'Invalid JSON syntax' },
    });
  });

  it('survives the loss of its own answer', async () => {
    const lost: Answer = (request) => {
      request.resume().on('end', () => request.socket.resetAndDestroy());
    };
    const server = await rawServer(
      inTurn(status(404), lost, specError(400, 'TAG_INVALID'), names(MANIFEST.digest)),
    );

    await registryAt(server).put(SHOP, MANIFEST, V1);

    expect(lines(server)).toEqual(['HEAD', 'PUT', 'PUT', 'HEAD']);
  });
});
