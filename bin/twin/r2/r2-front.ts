import { createServer, type IncomingMessage, request, type Server } from 'node:http';

/** Told once the object is stored and its uploader has been answered. */
export type OnObject = (object: {
  readonly bucket: string;
  readonly key: string;
  readonly action: 'PutObject' | 'CompleteMultipartUpload';
}) => void;

/**
 * What the twin calls R2: the server behind, and R2's event notifications, which no S3 server has. Requests pass through as
 * they are, Host included, as it is signed.
 */
export function startR2Front(behind: URL, port: number, onObject: OnObject): Promise<Server> {
  const server = createServer((incoming, outgoing) => {
    const onward = request(
      {
        host: behind.hostname,
        port: behind.port,
        method: incoming.method,
        path: incoming.url,
        headers: incoming.headers,
      },
      (reply) => {
        outgoing.writeHead(reply.statusCode ?? 502, reply.headers);
        reply.pipe(outgoing);
        const created = reply.statusCode === 200 ? createdBy(incoming) : undefined;
        if (created !== undefined) reply.once('end', () => onObject(created));
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

/** S3 API: `PUT /bucket/key`, and `POST /bucket/key?uploadId=…`, which ends an upload in parts. */
function createdBy({ method, url = '' }: IncomingMessage) {
  const { pathname, searchParams } = new URL(url, 'http://r2.invalid');
  const [, bucket, path] = /^\/([^/]+)\/(.+)$/.exec(pathname) ?? [];
  if (bucket === undefined || path === undefined) return undefined;
  const object = { bucket, key: decodeURIComponent(path) };
  if (method === 'PUT' && !searchParams.has('partNumber'))
    return { ...object, action: 'PutObject' as const };
  if (method === 'POST' && searchParams.has('uploadId'))
    return { ...object, action: 'CompleteMultipartUpload' as const };
  return undefined;
}
