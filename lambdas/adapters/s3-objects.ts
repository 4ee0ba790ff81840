import {
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { digestOf } from '../domain/digest.ts';
import type { NewObject, ObjectElsewhere, Objects, StoredObject } from '../ports/objects.ts';
import { freeingChunks } from './free-chunks.ts';
import { partSize, partsOf } from './object-parts.ts';
import { copyObject } from './s3-copy.ts';
import { explainS3, hasCode, whileReading } from './s3-failure.ts';
import {
  base64Of,
  bytesOf,
  digestIn,
  metadataOf,
  readMetadata,
  requireSame,
} from './s3-metadata.ts';
import { answerOf, type S3Place, withKnownDigest } from './s3-place.ts';
import { tagObject } from './s3-tags.ts';
import { uploadParts } from './s3-upload.ts';

/** A bucket of S3, or of who speaks like it: R2 does, with an endpoint of its own. */
export class S3Objects implements Objects {
  constructor(
    private readonly client: S3Client,
    private readonly bucket: string,
  ) {}

  async head(key: string): Promise<StoredObject | undefined> {
    try {
      const { ContentLength, ETag, LastModified, Metadata, ChecksumSHA256 } =
        await this.client.send(
          new HeadObjectCommand({ Bucket: this.bucket, Key: key, ChecksumMode: 'ENABLED' }),
        );
      const checksum = digestIn(ChecksumSHA256);
      return {
        key,
        bytes: ContentLength ?? 0,
        etag: ETag ?? '',
        ...readMetadata(Metadata ?? {}),
        ...(checksum !== undefined && { checksum }),
        at: (LastModified ?? new Date(0)).toISOString(),
      };
    } catch (error) {
      if (hasCode(error, 'NotFound', 'NoSuchKey')) return undefined;
      throw explainS3(error, this.bucket, key);
    }
  }

  async read({ key, etag }: Pick<StoredObject, 'key' | 'etag'>, from = 0) {
    try {
      const { Body } = await this.client.send(
        new GetObjectCommand({
          Bucket: this.bucket,
          Key: key,
          IfMatch: etag,
          ...(from > 0 && { Range: `bytes=${from}-` }),
        }),
      );
      return whileReading(freeingChunks(Body as AsyncIterable<Uint8Array>), this.bucket, key);
    } catch (error) {
      // Cut after the last byte, and nothing is left to read.
      if (hasCode(error, 'InvalidRange')) return whileReading([], this.bucket, key);
      throw explainS3(error, this.bucket, key);
    }
  }

  async create(
    key: string,
    content: AsyncIterable<Uint8Array>,
    object: NewObject,
  ): Promise<boolean> {
    const size = partSize(object.bytes);
    if (object.bytes >= size) return uploadParts(this.at(key), partsOf(content, size), object);
    // One byte more than announced is too many, and is as far as anybody reads.
    for await (const { bytes } of partsOf(content, object.bytes + 1))
      return this.put(key, bytes, object);
    return this.put(key, new Uint8Array(), object);
  }

  copyFrom(source: ObjectElsewhere, key: string, object: NewObject) {
    return copyObject(this.at(key), source, object);
  }

  async list(prefix: string) {
    const found: Pick<StoredObject, 'key' | 'bytes' | 'etag' | 'at'>[] = [];
    let from: string | undefined;
    do {
      const page = await answerOf(
        this.at(prefix),
        this.client.send(
          new ListObjectsV2Command({
            Bucket: this.bucket,
            Prefix: prefix,
            ContinuationToken: from,
          }),
        ),
      );
      for (const { Key, Size, ETag, LastModified } of page.Contents ?? [])
        found.push({
          key: Key ?? '',
          bytes: Size ?? 0,
          etag: ETag ?? '',
          at: (LastModified ?? new Date(0)).toISOString(),
        });
      from = page.NextContinuationToken;
    } while (from !== undefined);
    return found;
  }

  mark(key: string, expendable: boolean) {
    return tagObject(this.at(key), expendable);
  }

  /** Conditional on nothing being there; the store itself compares the SHA-256 (S3 user guide, "Checking object integrity"). */
  private async put(key: string, bytes: Uint8Array, object: NewObject): Promise<boolean> {
    const digest = digestOf(bytes);
    requireSame(key, object, bytes.length, digest);
    const command = new PutObjectCommand({
      Bucket: this.bucket,
      Key: key,
      Body: bytes,
      ContentType: 'application/gzip',
      ChecksumSHA256: base64Of(digest),
      IfNoneMatch: '*',
      Metadata: metadataOf(object),
    });
    try {
      await this.client.send(withKnownDigest(command, bytesOf(digest).toString('hex')));
      return true;
    } catch (error) {
      if (hasCode(error, 'PreconditionFailed')) return false;
      throw explainS3(error, this.bucket, key);
    }
  }

  private at(key: string): S3Place {
    return { client: this.client, bucket: this.bucket, key };
  }
}
