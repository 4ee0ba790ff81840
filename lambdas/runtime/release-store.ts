import type { S3Client } from '@aws-sdk/client-s3';
import { s3Client } from '../adapters/s3-client.ts';
import { S3Objects } from '../adapters/s3-objects.ts';
import type { OpenStore } from '../copy/open-store.ts';
import { InvalidConfiguration, InvalidInput } from '../domain/errors.ts';
import { type ObjectPlace, placeName } from '../domain/place.ts';
import { r2Endpoint } from '../domain/release-store.ts';
import { loadConfig } from './load-config.ts';
import { s3Endpoint } from './s3-endpoint.ts';
import { secret } from './ssm.ts';

/** The release store alone: for functions that have no business in an environment, and no right there. */
export const openReleaseStore: OpenStore = async (place) => {
  if (place.environment !== undefined)
    throw new InvalidInput(`${placeName(place)} is not in the release store`, {
      data: { ...place },
    });
  return new S3Objects(await releaseStoreClient(place), place.bucket);
};

/** In the tools account by this function's own rights, R2 by the access key that the configuration names. */
async function releaseStoreClient({ store, account, region }: ObjectPlace): Promise<S3Client> {
  return store === 'r2' ? r2Client(account) : s3Client({ region, endpoint: s3Endpoint });
}

/** R2 speaks S3 ("S3 API compatibility", Cloudflare R2); its one region is called auto. */
async function r2Client(account: string): Promise<S3Client> {
  const { r2 } = (await loadConfig()).releaseStore;
  if (r2 === undefined)
    throw new InvalidConfiguration('releaseStore.r2 is not in conveyor.yaml any more', {
      fix: 'Write it again, or promote what is in S3.',
    });
  const [accessKeyId, secretAccessKey] = await Promise.all([
    secret(r2.accessKeyId),
    secret(r2.secretAccessKey),
  ]);
  return s3Client({
    region: 'auto',
    endpoint: r2Endpoint(account, r2.endpoint),
    credentials: { accessKeyId, secretAccessKey },
  });
}
