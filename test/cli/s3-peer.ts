import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Digest } from '../../lambdas/domain/digest.ts';
import type { MemoryObjects } from '../fakes/memory-objects.ts';

/** As much of S3 as a small tarball needs (Amazon S3 API: HeadObject, GetObject, PutObject), over buckets in memory. */
export interface S3Peer {
  readonly endpoint: string;
  /** `METHOD /bucket/key accessKeyId`. */
  readonly asked: string[];
  /** Told after an object was created. */
  created: (bucket: string, key: string) => void;
  /** At the next requests, one each: an answer of that status, a cut line, or something that happens meanwhile. */
  readonly mischief: ('drop' | number | (() => void))[];
  close(): Promise<void>;
}

const META = 'x-amz-meta-conveyor-';

export async function startS3Peer(
  buckets: Readonly<Record<string, MemoryObjects>>,
): Promise<S3Peer> {
  const asked: string[] = [];
  const mischief: S3Peer['mischief'] = [];
  const server = createServer((request, response) => {
    const key = /Credential=([^/]+)/.exec(request.headers.authorization ?? '')?.[1] ?? 'nobody';
    asked.push(`${request.method} ${request.url?.split('?')[0]} ${key}`);
    const prank = mischief.shift();
    if (prank === 'drop') request.socket.destroy();
    else if (typeof prank === 'number') response.writeHead(prank).end();
    else {
      prank?.();
      answer(peer, buckets, request, response).catch((error: unknown) =>
        response.writeHead(500).end(String(error)),
      );
    }
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const peer: S3Peer = {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    created: () => {},
    mischief,
    close: async () => {
      server.closeAllConnections();
      await new Promise<void>((done) => server.close(() => done()));
    },
  };
  return peer;
}

async function answer(
  peer: S3Peer,
  buckets: Readonly<Record<string, MemoryObjects>>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const [, name = '', ...rest] = (request.url ?? '').split('?')[0]?.split('/') ?? [];
  const key = decodeURIComponent(rest.join('/'));
  const bucket = buckets[name];
  const refuse = (status: number, code: string) =>
    response
      .writeHead(status, { 'content-type': 'application/xml' })
      .end(request.method === 'HEAD' ? undefined : `<Error><Code>${code}</Code></Error>`);
  if (bucket === undefined) return void refuse(404, 'NoSuchBucket');
  const there = await bucket.head(key);

  if (request.method === 'PUT') {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    const sum = createHash('sha256').update(body).digest('base64');
    if (request.headers['x-amz-checksum-sha256'] !== sum) return void refuse(400, 'BadDigest');
    if (request.headers['if-none-match'] !== '*') return void refuse(400, 'NotConditional');
    if (there !== undefined) return void refuse(412, 'PreconditionFailed');
    const { digest, ...facts } = metadataOf(request);
    bucket.put(key, body, Digest.parse(digest), facts);
    response.writeHead(200, { etag: 'new' }).end();
    peer.created(name, key);
    return;
  }
  if (there === undefined) return void refuse(404, 'NoSuchKey');
  const facts = Object.entries({ ...there.facts, digest: there.digest });
  response.writeHead(200, {
    'content-length': there.bytes,
    etag: there.etag,
    'last-modified': new Date(there.at).toUTCString(),
    ...Object.fromEntries(
      facts.flatMap(([fact, value]) => (value === undefined ? [] : [[`${META}${fact}`, value]])),
    ),
  });
  response.end(request.method === 'HEAD' ? undefined : bucket.bytesOf(key));
}

function metadataOf({ headers }: IncomingMessage): Record<string, string> {
  const told = Object.entries(headers).filter(([header]) => header.startsWith(META));
  return Object.fromEntries(told.map(([header, value]) => [header.slice(META.length), `${value}`]));
}
