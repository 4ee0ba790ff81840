import { S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';

export interface S3ClientOptions {
  /** R2's is called `auto`. */
  readonly region: string;
  /** @default that of the region */
  readonly endpoint?: string | undefined;
  /** @default the process's own */
  readonly credentials?: NonNullable<S3ClientConfig['credentials']>;
}

/**
 * A client of S3, or of who speaks like it. Only S3's own endpoints have a name for every bucket, so elsewhere the bucket
 * is in the path ("Virtual hosting of buckets", S3 user guide); and no checksum is sent that nobody asked for, as not
 * everybody knows CRC64 ("S3 API compatibility", Cloudflare R2).
 */
export function s3Client({ region, endpoint, credentials }: S3ClientOptions): S3Client {
  return new S3Client({
    region,
    ...(credentials !== undefined && { credentials }),
    ...(endpoint !== undefined && { endpoint, forcePathStyle: true }),
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  });
}
