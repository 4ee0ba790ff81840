import * as z from 'zod';
import { InvalidInput } from './errors.ts';
import { AccountId, EnvironmentName, Region, RepositoryName } from './names.ts';

/** Where an image's repository is. */
export const ImagePlace = z.object({
  environment: EnvironmentName,
  account: AccountId,
  region: Region,
  repository: RepositoryName,
});
export type ImagePlace = z.infer<typeof ImagePlace>;

/** Where a tarball is. */
export const ObjectPlace = z.object({
  /** Absent: the release store, which belongs to no environment. */
  environment: EnvironmentName.optional(),
  store: z.enum(['s3', 'r2']),
  /** AWS's, or for R2 Cloudflare's. */
  account: z.string().min(1),
  /** The bucket's; `auto` for R2. */
  region: z.string().min(1),
  bucket: z.string().min(1),
  /** `<service>/<SHA>.tar.gz`, the same in every bucket. */
  key: z.string().min(1),
});
export type ObjectPlace = z.infer<typeof ObjectPlace>;

/** Where an artifact is, or shall be. */
export const Place = z.union([ImagePlace, ObjectPlace]);
export type Place = z.infer<typeof Place>;

export function isImage(place: Place): place is ImagePlace {
  return 'repository' in place;
}

/** Nothing has to be copied between them. */
export function isSamePlace(a: Place, b: Place): boolean {
  if (a.account !== b.account || a.region !== b.region) return false;
  if (isImage(a)) return isImage(b);
  return !isImage(b) && a.bucket === b.bucket && a.key === b.key;
}

/** As people write it. */
export function placeName(place: Place): string {
  return isImage(place)
    ? `${place.environment} ${place.repository}`
    : `${place.store}://${place.bucket}/${place.key}`;
}

/** @throws InvalidInput where a step for images was given a tarball */
export function requireImage(place: Place): ImagePlace {
  if (isImage(place)) return place;
  throw new InvalidInput(`${placeName(place)} is a tarball, not an image`, { data: { ...place } });
}

/** @throws InvalidInput where a step for tarballs was given an image */
export function requireObject(place: Place): ObjectPlace {
  if (!isImage(place)) return place;
  throw new InvalidInput(`${placeName(place)} is an image, not a tarball`, { data: { ...place } });
}
