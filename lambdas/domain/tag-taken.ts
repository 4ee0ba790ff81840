import type { Digest } from './digest.ts';
import { DigestConflict } from './errors.ts';

/** The one way to say that a tag names other bytes than it should. */
export function tagTaken(
  repository: string,
  tag: string,
  existing: Digest,
  wanted: Digest,
): DigestConflict {
  return new DigestConflict(
    `${repository}:${tag} already names ${existing}, so it cannot name ${wanted}`,
    {
      data: { repository, tag, existing, wanted },
      fix: 'Tags are never moved: build again under a new version.',
    },
  );
}
