import { expect, it } from 'vitest';
import { digestOf } from '../../lambdas/domain/digest.ts';
import { DigestConflict } from '../../lambdas/domain/errors.ts';
import { tagTaken } from '../../lambdas/domain/tag-taken.ts';

it('a tag that is taken is a conflict that names both digests, for people and for machines', () => {
  const [existing, wanted] = [digestOf('old'), digestOf('new')];

  const conflict = tagTaken('forge/payments', '1042', existing, wanted);

  expect(conflict).toBeInstanceOf(DigestConflict);
  expect(conflict.message).toBe(
    `forge/payments:1042 already names ${existing}, so it cannot name ${wanted}`,
  );
  expect(conflict.data).toEqual({ repository: 'forge/payments', tag: '1042', existing, wanted });
  expect(conflict.fix).toBe('Tags are never moved: build again under a new version.');
});
