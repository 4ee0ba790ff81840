import { s3Client } from '../adapters/s3-client.ts';
import { S3Objects } from '../adapters/s3-objects.ts';
import type { OpenStore } from '../copy/open-store.ts';
import { InvalidInput } from '../domain/errors.ts';
import { placeName } from '../domain/place.ts';
import { deployCredentials } from './environments.ts';
import { s3Endpoint } from './s3-endpoint.ts';

/** An environment's bucket, through its deploy role. */
export const openEnvironmentStore: OpenStore = async (place, session) => {
  const { environment, account, region, bucket } = place;
  if (environment === undefined)
    throw new InvalidInput(`${placeName(place)} is in no environment`, { data: { ...place } });
  const credentials = await deployCredentials({ environment, account, region }, session);
  return new S3Objects(s3Client({ region, endpoint: s3Endpoint, credentials }), bucket);
};
