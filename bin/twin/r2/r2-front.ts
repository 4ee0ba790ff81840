import type { IncomingMessage, Server } from 'node:http';
import { startPassingOn } from '../pass-on.ts';

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
  return startPassingOn(behind, port, {
    onSent: (incoming, status) => {
      const created = status === 200 ? createdBy(incoming) : undefined;
      if (created !== undefined) onObject(created);
    },
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
