import { describe, expect, it } from 'vitest';
import { copyTarball } from '../../lambdas/copy/copy-tarball.ts';
import { CONTENT, KEY, twoBuckets } from './two-buckets.ts';

describe('a tarball that takes longer than there is time', () => {
  it('is nowhere yet, and that is no failure', async () => {
    const buckets = twoBuckets();
    let left = 3;
    const remainingMilliseconds = () => (left-- > 0 ? 60_000 : 59_999);

    const copied = await copyTarball({ ...buckets, remainingMilliseconds });

    expect(copied).toEqual({ outcome: 'continue', bytes: 0 });
    expect(await buckets.destination.head(KEY)).toBeUndefined();
  });

  it('is all there if time runs out after its last byte', async () => {
    const buckets = twoBuckets();
    let left = Math.ceil(CONTENT.length / 65_536);
    const remainingMilliseconds = () => (left-- > 0 ? 60_000 : 0);

    const { outcome } = await copyTarball({ ...buckets, remainingMilliseconds });

    expect(outcome).toBe('copied');
  });
});
