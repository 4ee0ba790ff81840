import {
  ListMultipartUploadsCommand,
  ListPartsCommand,
  type ListPartsCommandOutput,
} from '@aws-sdk/client-s3';
import type { Digest } from '../domain/digest.ts';
import { hasCode } from './s3-failure.ts';
import { digestIn } from './s3-metadata.ts';
import { answerOf, named, type S3Place } from './s3-place.ts';
import type { Upload } from './s3-upload.ts';

/** A part that S3 holds, with the SHA-256 that it was compared with on arrival. */
export interface SentPart {
  readonly number: number;
  readonly bytes: number;
  readonly digest: Digest;
  readonly etag: string;
}

/**
 * An upload says of itself what it is for by a part of its own that goes into no object: S3 lists neither metadata nor
 * anything else that its beginner chose. It has the last number that there is ("Multipart upload limits", S3 user guide).
 */
export const PURPOSE_PART = 10_000;

/** Uploads of one key that are looked at: those that broke off within the day after which the bucket forgets them. */
const MOST_UPLOADS = 20;

/**
 * An upload of this key that somebody began for the same purpose and did not finish, with what it has; of several the
 * newest. Who may not list uploads, or whose store has no such list, goes on with none.
 * @throws Unavailable, StoreRefused
 */
export async function findUpload(
  place: S3Place,
  purpose: Digest,
): Promise<{ upload: Upload; parts: ReadonlyMap<number, SentPart> } | undefined> {
  const list = new ListMultipartUploadsCommand({ Bucket: place.bucket, Prefix: place.key });
  const { Uploads: uploads = [] } = await answerOf(
    place,
    place.client.send(list).catch((error: unknown) => {
      if (hasCode(error, 'AccessDenied', 'NotImplemented')) return { Uploads: [] };
      throw error;
    }),
  );
  const newest = uploads
    .filter(({ Key }) => Key === place.key)
    .sort((a, b) => (b.Initiated?.getTime() ?? 0) - (a.Initiated?.getTime() ?? 0));
  for (const { UploadId: id = '' } of newest.slice(0, MOST_UPLOADS)) {
    const upload = { ...place, id };
    const parts = await sentParts(upload);
    if (parts.get(PURPOSE_PART)?.digest === purpose) return { upload, parts };
  }
  return undefined;
}

/** The parts of an upload by their numbers; those without a SHA-256 are left out. @throws Unavailable, StoreRefused */
async function sentParts(upload: Upload): Promise<ReadonlyMap<number, SentPart>> {
  const parts = new Map<number, SentPart>();
  const one = { ...named(upload), UploadId: upload.id };
  let marker: string | undefined;
  do {
    const page: ListPartsCommandOutput = await answerOf(
      upload,
      upload.client
        .send(new ListPartsCommand({ ...one, PartNumberMarker: marker }))
        // Completed or aborted a moment ago.
        .catch((error: unknown) => {
          if (hasCode(error, 'NoSuchUpload', 'AccessDenied')) return { $metadata: {} };
          throw error;
        }),
    );
    for (const { PartNumber: number, Size: bytes, ETag: etag, ChecksumSHA256 } of page.Parts ??
      []) {
      const digest = digestIn(ChecksumSHA256);
      if (number === undefined || bytes === undefined || etag === undefined) continue;
      if (digest !== undefined) parts.set(number, { number, bytes, etag, digest });
    }
    marker = page.IsTruncated === true ? page.NextPartNumberMarker : undefined;
  } while (marker !== undefined);
  return parts;
}
