import * as z from 'zod';
import { Digest } from '../domain/digest.ts';
import { InvalidInput } from '../domain/errors.ts';
import type { BlobDescriptor, Manifest } from '../ports/registry.ts';

export interface BlobReference extends BlobDescriptor {
  /** A layer the manifest says may lie outside of registries (image-spec 1.1, "Non-distributable layers"). */
  readonly foreign: boolean;
}

/** What a manifest points to, in its order. */
export interface References {
  readonly children: readonly Digest[];
  readonly blobs: readonly BlobReference[];
}

const INDEX_TYPES = new Set([
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
]);
const IMAGE_TYPES = new Set([
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
]);

const Descriptor = z.object({
  mediaType: z.string().default(''),
  digest: Digest,
  size: z.int().nonnegative(),
  urls: z.array(z.string()).nullish(),
});
const Common = { mediaType: z.string().nullish() };
/** A document that is both would be read one way here and another there (CVE-2021-41190): refused. */
const Image = z.object({
  ...Common,
  config: Descriptor,
  layers: z.array(Descriptor),
  manifests: z.never().optional(),
});
const Index = z.object({
  ...Common,
  manifests: z.array(Descriptor),
  config: z.never().optional(),
  layers: z.never().optional(),
});

/** Reads a manifest only to find what it needs; what is copied are its bytes. @throws InvalidInput */
export function parseManifest(manifest: Manifest): References {
  const { digest, mediaType } = manifest;
  const document = parseJson(manifest);
  const isIndex = INDEX_TYPES.has(mediaType);
  if (!isIndex && !IMAGE_TYPES.has(mediaType))
    throw invalid(digest, `is a ${mediaType || 'nothing known'}`);
  const parsed = (isIndex ? Index : Image).safeParse(document);
  if (!parsed.success) throw invalid(digest, `is malformed: ${firstIssue(parsed.error)}`);
  const { data } = parsed;
  if (data.mediaType && data.mediaType !== mediaType) {
    throw invalid(digest, `is served as ${mediaType} and calls itself ${data.mediaType}`);
  }
  if (data.manifests !== undefined) {
    return { children: data.manifests.map((child) => child.digest), blobs: [] };
  }
  const blobs = [data.config, ...data.layers].map(({ mediaType: type, digest, size, urls }) => ({
    digest,
    size,
    foreign: (urls?.length ?? 0) > 0 || /nondistributable|foreign/.test(type),
  }));
  return { children: [], blobs };
}

function firstIssue({ issues: [issue] }: z.ZodError): string {
  return `${issue?.path.join('.')} ${issue?.message}`;
}

function parseJson({ digest, bytes }: Manifest): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch {
    throw invalid(digest, 'is not JSON');
  }
}

function invalid(digest: Digest, why: string): InvalidInput {
  return new InvalidInput(`Manifest ${digest} cannot be promoted: it ${why}`, {
    data: { digest },
    fix: 'Build an OCI or Docker schema 2 image or index.',
  });
}
