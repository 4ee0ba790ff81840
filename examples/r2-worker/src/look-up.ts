import type { Bucket } from './platform.ts';
import type { Upload } from './read-notification.ts';

/** One event, as Conveyor's ingress takes it. */
export interface IngressEvent extends Upload {
  readonly id: string;
  readonly bucket: string;
  readonly size: number;
  readonly etag: string;
  readonly sha256?: string;
  readonly at: string;
}

/**
 * The upload with what the bucket itself says of the object, or undefined where there is no such object: whoever can
 * write to the queue can claim anything, but cannot make it so.
 */
export async function lookUp(
  id: string,
  { account, key, action }: Upload,
  bucket: { readonly name: string; readonly binding: Bucket },
): Promise<IngressEvent | undefined> {
  const object = await bucket.binding.head(key);
  if (object === null) return undefined;
  const { size, etag, uploaded, checksums } = object;
  return {
    id,
    account,
    bucket: bucket.name,
    key,
    size,
    etag,
    ...(checksums.sha256 !== undefined && { sha256: hex(checksums.sha256) }),
    action,
    at: uploaded.toISOString(),
  };
}

export function hex(bytes: ArrayBuffer): string {
  return [...new Uint8Array(bytes)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
