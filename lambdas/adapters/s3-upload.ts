import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  HeadObjectCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { type Digest, digestOf, finishDigest, startDigest } from '../domain/digest.ts';
import { DigestMismatch, Unavailable } from '../domain/errors.ts';
import type { NewObject } from '../ports/objects.ts';
import { PARTS_AT_ONCE, type Part, partSize } from './object-parts.ts';
import { explainS3, hasCode } from './s3-failure.ts';
import { base64Of, bytesOf, metadataOf, requireSame } from './s3-metadata.ts';
import { answerOf, named, type S3Place, withKnownDigest } from './s3-place.ts';
import { findUpload, PURPOSE_PART, type SentPart } from './s3-unfinished.ts';

/** An upload in parts that has begun; nothing is there under the key before it is completed. */
export interface Upload extends S3Place {
  readonly id: string;
}

/**
 * Writes an object part by part. An upload that was begun for this very object and not finished is gone on with: a part
 * counts as sent only where S3 holds exactly the bytes that `parts` yields in its place. So whoever died in the middle, by
 * whatever call, is carried on by the next try, and two tries at once do not harm each other.
 * @returns false where there is an object already
 * @throws DigestMismatch; what `parts` throws, as it is; Unavailable, StoreRefused
 */
export async function uploadParts(
  place: S3Place,
  parts: AsyncIterable<Part>,
  object: NewObject,
): Promise<boolean> {
  const purpose = purposeOf(object);
  const found = await findUpload(place, digestOf(purpose));
  const upload = found?.upload ?? (await beginUpload(place, object, partSize(object.bytes)));
  if (found === undefined) await tellPurpose(upload, purpose);
  const sending: Promise<SentPart>[] = [];
  const hash = startDigest();
  let bytes = 0;
  try {
    for await (const part of parts) {
      hash.update(part.bytes);
      bytes += part.bytes.length;
      if (bytes > object.bytes) break;
      const sent = sendPart(upload, part, found?.parts.get(part.number));
      sent.catch(() => {});
      sending.push(sent);
      // No more parts are held at once than this; the memory of the one that is waited for is used again.
      await sending[sending.length - 1 - PARTS_AT_ONCE];
    }
    const sent = await Promise.all(sending);
    requireSame(place.key, object, bytes, finishDigest(hash));
    return await completeUpload(upload, sent);
  } catch (error) {
    // What is on its way still counts for the next try.
    await Promise.allSettled(sending);
    if (error instanceof DigestMismatch) await abortUpload(upload);
    if (hasCode(error, 'NoSuchUpload')) return ended(upload, error);
    throw error;
  }
}

/** @throws Unavailable, StoreRefused */
export async function beginUpload(
  place: S3Place,
  object: NewObject,
  partSize: number,
): Promise<Upload> {
  const { UploadId: id = '' } = await answerOf(
    place,
    place.client.send(
      new CreateMultipartUploadCommand({
        ...named(place),
        ContentType: 'application/gzip',
        ChecksumAlgorithm: 'SHA256',
        Metadata: metadataOf(object, partSize),
      }),
    ),
  );
  return { ...place, id };
}

/** Everything that the object will be: what begins an upload of something else differs somewhere here. */
function purposeOf(object: NewObject): Buffer {
  const told = Object.entries(metadataOf(object, partSize(object.bytes))).sort();
  return Buffer.from(JSON.stringify([object.bytes, told]));
}

/** Who dies before leaves an upload that nobody goes on with. */
async function tellPurpose(upload: Upload, bytes: Buffer): Promise<void> {
  await answerOf(upload, sendPart(upload, { number: PURPOSE_PART, bytes }, undefined));
}

/** What is left over otherwise goes by the bucket's lifecycle rule. */
export async function abortUpload(upload: Upload): Promise<void> {
  const command = new AbortMultipartUploadCommand({ ...named(upload), UploadId: upload.id });
  await upload.client.send(command).catch(() => {});
}

/**
 * Makes an object of the parts, if nothing is there under the key, and compares the checksum that S3 made of them.
 * @returns false where there is an object already
 * @throws DigestMismatch; S3's own `NoSuchUpload`, where the upload was ended by somebody else; Unavailable, StoreRefused
 */
export async function completeUpload(upload: Upload, parts: readonly SentPart[]): Promise<boolean> {
  try {
    const { ChecksumSHA256: made } = await upload.client.send(
      new CompleteMultipartUploadCommand({
        ...named(upload),
        UploadId: upload.id,
        IfNoneMatch: '*',
        MultipartUpload: {
          Parts: parts.map(({ number, etag, digest }) => ({
            PartNumber: number,
            ETag: etag,
            ChecksumSHA256: base64Of(digest),
          })),
        },
      }),
    );
    const composite = compositeOf(parts.map(({ digest }) => digest));
    if (made === undefined || made.replace(/-\d+$/, '') === composite) return true;
    throw new DigestMismatch(`${upload.key} was put together as ${made}, not as ${composite}`, {
      data: { bucket: upload.bucket, key: upload.key, expected: composite, actual: made },
    });
  } catch (error) {
    if (hasCode(error, 'PreconditionFailed')) {
      await abortUpload(upload);
      return false;
    }
    if (hasCode(error, 'NoSuchUpload')) throw error;
    throw explainS3(error, upload.bucket, upload.key);
  }
}

/** S3's checksum of an object in parts, without the number of parts that S3 writes behind it. */
export function compositeOf(parts: readonly Digest[]): string {
  return base64Of(digestOf(Buffer.concat(parts.map(bytesOf))));
}

async function sendPart(
  upload: Upload,
  { number, bytes }: Part,
  there: SentPart | undefined,
): Promise<SentPart> {
  const digest = digestOf(bytes);
  if (there?.digest === digest && there.bytes === bytes.length) return there;
  const command = new UploadPartCommand({
    ...named(upload),
    UploadId: upload.id,
    PartNumber: number,
    Body: bytes,
    ChecksumSHA256: base64Of(digest),
  });
  const { client, bucket, key } = upload;
  try {
    const { ETag } = await client.send(withKnownDigest(command, bytesOf(digest).toString('hex')));
    return { number, digest, bytes: bytes.length, etag: ETag ?? '' };
  } catch (error) {
    if (hasCode(error, 'NoSuchUpload')) throw error;
    throw explainS3(error, bucket, key);
  }
}

/** The upload is over, though not by this try: it was completed, also by a call of ours whose reply was lost, or aborted. */
async function ended(upload: Upload, cause: unknown): Promise<false> {
  try {
    await upload.client.send(new HeadObjectCommand(named(upload)));
    return false;
  } catch (error) {
    if (!hasCode(error, 'NotFound')) throw explainS3(error, upload.bucket, upload.key);
    throw new Unavailable(`The upload of ${upload.key} to ${upload.bucket} was ended by another`, {
      data: { bucket: upload.bucket, key: upload.key },
      cause,
    });
  }
}
