import type { ConveyorConfig } from '../domain/config.ts';
import type { ObjectPlace } from '../domain/place.ts';
import { storeBucket } from '../domain/release-store.ts';
import type { CopyTarball } from './copy-tarball.ts';

/**
 * How a tarball travels. Server-side from a release store that Conveyor made itself: only of that it is known that its policy
 * lets every deploy role read. From R2, and from a bucket that was there before, the bytes pass through the function. What
 * retention may have marked is only in S3: R2 knows no tags.
 */
export function chooseWay(
  config: Pick<ConveyorConfig, 'tools' | 'releaseStore'>,
  from: ObjectPlace,
): Pick<CopyTarball, 'sourceBucket' | 'sourceExpires'> {
  const isStore = from.store === 's3' && from.environment === undefined;
  const isOurs = config.releaseStore.s3 === 'create' && from.bucket === storeBucket(config);
  return { ...(isStore && isOurs && { sourceBucket: from.bucket }), sourceExpires: isStore };
}
