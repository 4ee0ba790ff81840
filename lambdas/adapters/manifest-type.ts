import * as z from 'zod';

/** Everything an image can be made of (image-spec 1.1 and Docker's schema 2). */
export const MANIFEST_TYPES = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.docker.distribution.manifest.v2+json',
] as const;

const Typed = z.object({ mediaType: z.string() });

/**
 * The manifest's media type: `Content-Type` without parameters, or what the document says of itself where the
 * server only says something general such as `application/octet-stream`.
 */
export function mediaTypeOf(contentType = '', bytes?: Uint8Array): string {
  const essence = contentType.split(';', 1)[0]?.trim().toLowerCase() ?? '';
  if (MANIFEST_TYPES.some((type) => type === essence) || bytes === undefined) return essence;
  try {
    return Typed.parse(JSON.parse(Buffer.from(bytes).toString('utf8'))).mediaType;
  } catch {
    return essence;
  }
}
