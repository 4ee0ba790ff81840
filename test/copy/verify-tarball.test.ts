import { describe, expect, it } from 'vitest';
import { verifyTarball } from '../../lambdas/copy/verify-tarball.ts';
import { ArtifactMissing, DigestMismatch } from '../../lambdas/domain/errors.ts';
import { CONTENT, DIGEST, KEY, twoBuckets } from './two-buckets.ts';

describe('a tarball that is read back', () => {
  it('is found out if one byte is another, whatever the bucket says of it', async () => {
    const buckets = twoBuckets();
    const damaged = Buffer.from(CONTENT);
    damaged[1_000] = 0;
    buckets.destination.put(KEY, damaged, DIGEST);

    await expect(verifyTarball({ ...buckets, objects: buckets.destination })).rejects.toThrow(
      DigestMismatch,
    );
  });

  it('is said to be missing where it is', async () => {
    const buckets = twoBuckets();

    await expect(verifyTarball({ ...buckets, objects: buckets.destination })).rejects.toThrow(
      ArtifactMissing,
    );
  });
});
