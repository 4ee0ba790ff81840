import {
  CopyObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3';
import { StoreRefused } from '../domain/errors.ts';
import type { CopiedFrom, NewObject, ObjectElsewhere } from '../ports/objects.ts';
import { explainS3, hasCode } from './s3-failure.ts';
import { digestIn, metadataOf, requireSame } from './s3-metadata.ts';
import { answerOf, named, type S3Place } from './s3-place.ts';
import { abortUpload, beginUpload, completeUpload, type Upload } from './s3-upload.ts';

/** The most that one UploadPartCopy takes ("Multipart upload limits", S3 user guide). Intake takes no more either. */
const MOST = 5 * 1024 ** 3;

/**
 * Server-side. Where the source's bucket has found the digest itself, in one request. Where it has not, as an upload of one
 * part: of one part S3 says the SHA-256 of the whole before anything is there, and CopyObject says it afterwards.
 */
export async function copyObject(
  place: S3Place,
  source: ObjectElsewhere,
  object: NewObject,
): Promise<CopiedFrom> {
  if (object.bytes > MOST || object.bytes === 0) return 'out-of-reach';
  return source.checksum === object.digest
    ? copyKnown(place, source, object)
    : copyUnknown(place, source, object);
}

/** The etag says that these are still the bytes whose digest the source's bucket has found. */
async function copyKnown(
  place: S3Place,
  source: ObjectElsewhere,
  object: NewObject,
): Promise<CopiedFrom> {
  try {
    await place.client.send(
      new CopyObjectCommand({
        ...named(place),
        ...from(source),
        IfNoneMatch: '*',
        ContentType: 'application/gzip',
        ChecksumAlgorithm: 'SHA256',
        MetadataDirective: 'REPLACE',
        Metadata: metadataOf(object),
        // Its own: what its store thinks of retention is of no interest here.
        TaggingDirective: 'REPLACE',
      }),
    );
    return 'copied';
  } catch (error) {
    // The same 412 says that something is there, and that the source is not as it was.
    if (hasCode(error, 'PreconditionFailed') && (await isThere(place))) return 'exists';
    if (!hasCode(error, 'NoSuchBucket')) throw explainFetch(error, place, source);
    // That names no bucket. This one's being gone is another matter than the other's being out of reach.
    await answerOf(place, place.client.send(new HeadBucketCommand({ Bucket: place.bucket })));
    return 'out-of-reach';
  }
}

async function isThere(place: S3Place): Promise<boolean> {
  try {
    await place.client.send(new HeadObjectCommand(named(place)));
    return true;
  } catch (error) {
    if (hasCode(error, 'NotFound')) return false;
    throw explainS3(error, place.bucket, place.key);
  }
}

async function copyUnknown(
  place: S3Place,
  source: ObjectElsewhere,
  object: NewObject,
): Promise<CopiedFrom> {
  const upload = await beginUpload(place, object, object.bytes);
  let kept = false;
  try {
    const part = await fetchPart(upload, source);
    if (part === undefined) return 'out-of-reach';
    requireSame(place.key, object, object.bytes, part.digest);
    kept = await completeUpload(upload, [{ ...part, number: 1, bytes: object.bytes }]);
    return kept ? 'copied' : 'exists';
  } catch (error) {
    throw explainS3(error, place.bucket, place.key);
  } finally {
    if (!kept) await abortUpload(upload);
  }
}

/** Undefined where this server cannot fetch it, or does not hash what it fetches. */
async function fetchPart(upload: Upload, source: ObjectElsewhere) {
  try {
    const { CopyPartResult: made } = await upload.client.send(
      new UploadPartCopyCommand({
        ...named(upload),
        ...from(source),
        UploadId: upload.id,
        PartNumber: 1,
      }),
    );
    const digest = digestIn(made?.ChecksumSHA256);
    return digest && { digest, etag: made?.ETag ?? '' };
  } catch (error) {
    // The upload has begun, so its own bucket is there: the server does not know the other one.
    if (hasCode(error, 'NoSuchBucket')) return undefined;
    throw explainFetch(error, upload, source);
  }
}

const from = ({ bucket, key, etag }: ObjectElsewhere) => ({
  CopySource: `${bucket}/${key.split('/').map(encodeURIComponent).join('/')}`,
  CopySourceIfMatch: etag,
});

function explainFetch(error: unknown, { bucket }: S3Place, source: ObjectElsewhere): Error {
  if (!hasCode(error, 'AccessDenied')) return explainS3(error, source.bucket, source.key);
  return new StoreRefused(`${bucket} may not be filled from ${source.bucket}`, {
    data: { bucket, source: source.bucket, key: source.key },
    cause: error,
    fix: `Let the environment’s deploy role read ${source.bucket}, by its bucket policy and by its key’s: run cdk deploy.`,
  });
}
