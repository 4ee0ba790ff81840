import { describe, expect, it } from 'vitest';
import { copyTarball } from '../../lambdas/copy/copy-tarball.ts';
import { KEY, twoBuckets } from './two-buckets.ts';

describe('a tarball whose store lets go of what nobody needs', () => {
  it('is needed from then on that it is copied', async () => {
    const buckets = twoBuckets();
    await buckets.source.mark(KEY, true);

    await copyTarball({ ...buckets, sourceExpires: true });

    expect(buckets.source.expendable).toEqual([]);
  });

  it('is not asked for again where it is there already', async () => {
    const buckets = twoBuckets();
    await copyTarball(buckets);
    await buckets.source.mark(KEY, true);
    buckets.source.expire();

    const { outcome } = await copyTarball({ ...buckets, sourceExpires: true });

    expect(outcome).toBe('already-present');
  });
});
