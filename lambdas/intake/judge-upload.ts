import type { ConveyorConfig } from '../domain/config.ts';
import type { EnvironmentName, ServiceName, Version } from '../domain/names.ts';
import type { ObjectPlace } from '../domain/place.ts';
import type { Refusal } from '../domain/promotion.ts';
import { parseReleaseKey, storePlace } from '../domain/release-store.ts';
import type { Upload } from './read-upload.ts';

export type UploadJudgement =
  | {
      readonly service: ServiceName;
      readonly version: Version;
      readonly place: ObjectPlace;
      /** The service's first stage. */
      readonly stage: EnvironmentName;
    }
  | { readonly refusal: Refusal };

/** Whether an upload may be a release, by its place alone; what is in it is judged by `inspectTarball`. Pure. */
export function judgeUpload(config: ConveyorConfig, upload: Upload, now: Date): UploadJudgement {
  const parsed = parseReleaseKey(upload.key);
  if (parsed === undefined)
    return refuse(upload, now, 'key', `${shown(upload.key)} is not <service>/<SHA>.tar.gz`);
  const { service, version } = parsed;
  // A key may name what every object has.
  const known = Object.hasOwn(config.services, service) ? config.services[service] : undefined;
  const [stage] = known?.stages ?? [];
  if (known?.artifact.tarball === undefined || stage === undefined)
    return refuse(upload, now, 'service', `${service} is no service with tarballs`);
  const place = storePlace(config, service, upload.key);
  const { store, account, bucket } = upload;
  if (place.store !== store || place.account !== account || place.bucket !== bucket)
    return refuse(
      upload,
      now,
      'bucket',
      `releases of ${service} come from ${place.store}://${place.bucket}, not from ${store}://${shown(bucket)}`,
    );
  return { service, version, place, stage };
}

export function refuse(
  { account, bucket, key }: Upload,
  now: Date,
  code: Refusal['code'],
  reason: string,
  digest?: string,
): { readonly refusal: Refusal } {
  const at = now.toISOString();
  const what = { account, repository: bucket, tag: shown(key) };
  return {
    refusal: { schema: 1, at, ...what, ...(digest !== undefined && { digest }), code, reason },
  };
}

/** A key may be a kilobyte of anything; records and pages keep what can be read. */
function shown(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, '?').slice(0, 200);
}
