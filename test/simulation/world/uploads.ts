import { createHash } from 'node:crypto';
import type { ConveyorConfig } from '../../../lambdas/domain/config.ts';
import { digestOf } from '../../../lambdas/domain/digest.ts';
import { ServiceName, Version } from '../../../lambdas/domain/names.ts';
import type { ObjectPlace } from '../../../lambdas/domain/place.ts';
import { releaseKey, storePlace } from '../../../lambdas/domain/release-store.ts';

/** A whole SHA for a build's number: what CI names a tarball by. */
export const shaOf = (version: string) => version.padEnd(40, '0');

/** What whoever uploads says of the digest in the object's metadata. */
export type Says = 'true' | 'none' | 'false';

/** The digest to say, and no more than that it was said. */
export function saidDigest(says: Says, bytes: Uint8Array) {
  if (says === 'none') return undefined;
  return digestOf(says === 'true' ? bytes : Buffer.concat([bytes, Buffer.from('other')]));
}

/** Where a build of a service is uploaded to. */
export function uploadPlace(config: ConveyorConfig, service: string, version: string): ObjectPlace {
  const name = ServiceName.parse(service);
  return storePlace(config, name, releaseKey(name, Version.parse(shaOf(version))));
}

/** Of bytes that are there, or undefined; counted here, by none of the code that is watched. */
export function sha256Of(bytes: Uint8Array | undefined): string | undefined {
  return bytes && `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

/** "Object Created" of S3, as EventBridge delivers it (Amazon S3 user guide, "EventBridge event message structure"). */
export function s3Event({ account, region, bucket, key }: Omit<ObjectPlace, 'store'>, at: Date) {
  return {
    source: 'aws.s3',
    'detail-type': 'Object Created',
    account,
    region,
    time: at.toISOString(),
    detail: { version: '0', bucket: { name: bucket }, object: { key, size: 1, etag: 'unread' } },
  };
}

/** The same of R2, as the ingress puts it on the bus. */
export function r2Event(place: Omit<ObjectPlace, 'store'>, at: Date) {
  const { account, detail, ...event } = s3Event(place, at);
  return { ...event, source: 'conveyor.r2', detail: { ...detail, r2: { account } } };
}

/** What R2 puts on a queue (Cloudflare docs, "R2, Event notifications"). */
export function r2Notification({ account, bucket, key }: Omit<ObjectPlace, 'store'>, at: Date) {
  return {
    account,
    bucket,
    action: 'PutObject',
    object: { key, size: 1, eTag: 'unread' },
    eventTime: at.toISOString(),
  };
}
