import { createHash } from 'node:crypto';
import { digestOf } from '../../lambdas/domain/digest.ts';
import type { BlobDescriptor, Manifest } from '../../lambdas/ports/registry.ts';
import { gzipStored, type TarFile, tar } from './tar-gzip.ts';

export interface SampleInput {
  readonly service: string;
  readonly version: string;
  /** A git SHA. @default made from service and version */
  readonly revision?: string;
  /** Where its code would be. @default https://github.com/example/<service> */
  readonly source?: string;
  /** RFC 3339. @default 1970 */
  readonly created?: string;
  /** What it is made of and what is run. @default a script that tells its name, which nothing here can run */
  readonly program?: SampleProgram;
}

export interface SampleProgram {
  readonly files: readonly TarFile[];
  readonly command: readonly string[];
}

export interface SampleBlob extends BlobDescriptor {
  readonly bytes: Buffer;
}

/** An image as `pushImage` wants it: every blob, every child, and the index over them. */
export interface SampleImage {
  readonly blobs: readonly SampleBlob[];
  readonly manifests: readonly Manifest[];
  readonly index: Manifest;
}

interface Platform {
  readonly architecture: string;
  readonly os: 'linux';
  readonly variant?: string;
}

const OCI = 'application/vnd.oci.image';
const PLATFORMS: readonly Platform[] = [
  { architecture: 'amd64', os: 'linux' },
  { architecture: 'arm64', os: 'linux', variant: 'v8' },
];
/** The same in every sample, as a real base image would be: copies find it there. */
const BASE: TarFile = {
  path: 'etc/os-release',
  mode: 0o644,
  text: 'ID=conveyor-sample\nPRETTY_NAME="Conveyor sample base"\n',
};

/**
 * A genuine, small OCI image for two platforms, made from nothing but its input: the same input gives the same
 * digests on every machine.
 */
export function sampleImage(input: SampleInput): SampleImage {
  const annotations = describe(input);
  const images = PLATFORMS.map((platform) => platformImage(input, platform, annotations));
  const index = manifest(`${OCI}.index.v1+json`, {
    manifests: images.map(({ platform, manifest: child }) => ({
      mediaType: child.mediaType,
      digest: child.digest,
      size: child.bytes.length,
      platform,
    })),
    annotations,
  });
  const blobs = new Map(images.flatMap((image) => image.blobs).map((blob) => [blob.digest, blob]));
  return { blobs: [...blobs.values()], manifests: images.map((image) => image.manifest), index };
}

/** image-spec 1.1, "Pre-Defined Annotation Keys". */
function describe(input: SampleInput): Record<string, string> {
  const { service, version } = input;
  const revision = createHash('sha1').update(`${service}@${version}`).digest('hex');
  return {
    'org.opencontainers.image.created': input.created ?? '1970-01-01T00:00:00Z',
    'org.opencontainers.image.revision': input.revision ?? revision,
    'org.opencontainers.image.source': input.source ?? `https://github.com/example/${service}`,
    'org.opencontainers.image.version': version,
  };
}

function platformImage(
  { service, version, program }: SampleInput,
  platform: Platform,
  labels: Record<string, string>,
): { platform: Platform; manifest: Manifest; blobs: SampleBlob[] } {
  const path = `app/${service}`;
  const text = `#!/bin/sh\necho "${service} ${version} (${platform.os}/${platform.architecture})"\n`;
  const { files, command } = program ?? {
    files: [{ path, mode: 0o755, text }],
    command: [`/${path}`],
  };
  const base = layer([BASE], 'base');
  const app = layer(files, `COPY ${service} /app/`);
  const created = labels['org.opencontainers.image.created'];
  const config = blob(
    json({
      created,
      ...platform,
      config: {
        Entrypoint: command,
        Env: ['PATH=/app:/bin'],
        // Folders that no entry names are made for root alone (docker 20.10).
        ...(program === undefined && { User: '65532' }),
        Labels: labels,
      },
      rootfs: { type: 'layers', diff_ids: [base.diffId, app.diffId] },
      history: [base, app].map(({ createdBy }) => ({ created, created_by: createdBy })),
    }),
  );
  const child = manifest(`${OCI}.manifest.v1+json`, {
    config: { mediaType: `${OCI}.config.v1+json`, digest: config.digest, size: config.size },
    layers: [base, app].map(({ blob: { digest, size } }) => {
      return { mediaType: `${OCI}.layer.v1.tar+gzip`, digest, size };
    }),
    annotations: labels,
  });
  return { platform, manifest: child, blobs: [config, base.blob, app.blob] };
}

function layer(
  files: readonly TarFile[],
  createdBy: string,
): { blob: SampleBlob; diffId: string; createdBy: string } {
  const archive = tar(files);
  return { blob: blob(gzipStored(archive)), diffId: digestOf(archive), createdBy };
}

function blob(bytes: Buffer): SampleBlob {
  return { digest: digestOf(bytes), size: bytes.length, bytes };
}

function manifest(mediaType: string, document: object): Manifest {
  const bytes = json({ schemaVersion: 2, mediaType, ...document });
  return { digest: digestOf(bytes), mediaType, bytes };
}

function json(document: object): Buffer {
  return Buffer.from(JSON.stringify(document));
}
