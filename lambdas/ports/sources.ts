import type { Digest } from '../domain/digest.ts';
import type { ImagePlace } from '../domain/place.ts';

export interface SourceImage {
  readonly tag: string;
  readonly digest: Digest;
  /** ISO 8601, UTC. */
  readonly pushedAt: string;
}

/** What a registry holds, whether or not an event told of it. */
export interface Sources {
  /** Every tagged image of a repository, in any order. A repository that does not exist holds none. */
  images(place: ImagePlace): Promise<readonly SourceImage[]>;
}
