import { describe, expect, it } from 'vitest';
import type * as z from 'zod';
import {
  Digest,
  digestOf,
  finishDigest,
  shortDigest,
  startDigest,
} from '../../lambdas/domain/digest.ts';
import { Duration } from '../../lambdas/domain/duration.ts';
import {
  AccountId,
  EnvironmentName,
  PersonName,
  PromotionId,
  Region,
  RepositoryName,
  ServiceName,
  Version,
} from '../../lambdas/domain/names.ts';

const ULID = '01JD7ZK3V5Q8N2M4R6T8W0XYZA';
const hex = 'a'.repeat(64);

/** What each kind of name may look like, at its limits, and what is said of anything else. */
describe.each<[string, z.ZodType, string[], string[], string]>([
  [
    'a service',
    ServiceName,
    ['a', 'payments', 'a1-b-', 'a'.repeat(40)],
    ['', 'A', '1a', '-a', 'a_b', 'a.b', 'a b', 'a'.repeat(41), ' payments', 'payments\n'],
    'a service is named by lower-case letters, digits and dashes, at most 40',
  ],
  [
    'an environment',
    EnvironmentName,
    ['a', 'prod-wealth', 'a1', 'a'.repeat(24)],
    ['', 'A', '1a', '-a', 'a_b', 'a'.repeat(25), ' qa', 'qa '],
    'an environment is named by lower-case letters, digits and dashes, at most 24',
  ],
  [
    'a version',
    Version,
    ['1', 'v1.2.3', '_a', 'A-b_c.d', 'a'.repeat(128)],
    ['', '.a', '-a', 'a/b', 'a:b', 'a b', 'ü', 'a'.repeat(129), ' a'],
    'a version must be a legal image tag',
  ],
  [
    'an account',
    AccountId,
    ['123456789012'],
    ['', '12345678901', '1234567890123', '12345678901a', ' 123456789012'],
    'an AWS account id has 12 digits',
  ],
  [
    'a region',
    Region,
    ['eu-west-1', 'us-gov-east-1', 'cn-north-1', 'ap-southeast-7'],
    [
      '',
      'eu-west',
      'eu-1',
      'EU-west-1',
      'eu-west-10',
      'e-west-1',
      'euu-west-1',
      'eu-west-1 ',
      'x eu-west-1',
    ],
    'a region is written like eu-west-1',
  ],
  [
    'a promotion',
    PromotionId,
    [`p_${ULID}`],
    [
      '',
      ULID,
      `p_${ULID}A`,
      `p_${ULID.slice(1)}`,
      `p_${ULID.toLowerCase()}`,
      `p_${ULID.replace('J', 'I')}`,
      `xp_${ULID}`,
    ],
    'a promotion id is p_ followed by a ULID',
  ],
  [
    'a repository',
    RepositoryName,
    ['ab', 'forge/payments', 'a/b/c', 'a.b_c-d', 'a1/b2', 'a'.repeat(256), 'team-abc.xyz/api_v2'],
    ['a/', '/a', 'a//b', 'A/b', 'a..b', '-a', 'a-', 'a/-b', 'a-/b', 'a b', 'a/b-', '.a/b', 'a/b/'],
    'a repository name has lower-case letters, digits, and single . _ - / between them',
  ],
  [
    'a person',
    PersonName,
    ['a', 'ana.b_c-1', 'a'.repeat(64)],
    ['', 'A', '1a', '.a', 'a b', 'a@b', 'a'.repeat(65), ' ana'],
    'a person is named by lower-case letters, digits, . _ -',
  ],
  [
    'a digest',
    Digest,
    [`sha256:${hex}`, `sha256:${'0123456789abcdef'.repeat(4)}`],
    [
      '',
      hex,
      `sha256:${hex}a`,
      `sha256:${hex.slice(1)}`,
      `sha256:${hex.toUpperCase()}`,
      `sha512:${hex}`,
      `x sha256:${hex}`,
    ],
    'a digest is written sha256: and 64 lower-case hex digits',
  ],
  [
    'a duration',
    Duration,
    ['1s', '999999d', '90m', '24h'],
    ['', '0s', '01h', '1', 'h', '1w', '1h30m', '1000000s', '-1h', '1.5h', ' 1h', '1h '],
    'a duration is a whole number and one of s, m, h, d, like 24h',
  ],
])('%s', (_, schema, good, bad, words) => {
  it.each(good)('may be %s', (name) => {
    expect(schema.safeParse(name).success).toBe(true);
  });

  it.each(bad)('is not %j', (name) => {
    const { error } = schema.safeParse(name);

    expect(error?.issues.map(({ message }) => message)).toContain(words);
  });
});

it('a repository has 2 to 256 characters, as ECR says', () => {
  expect(RepositoryName.safeParse('a').success).toBe(false);
  expect(RepositoryName.safeParse('a'.repeat(257)).success).toBe(false);
});

it.each([
  ['90s', 90],
  ['30m', 1_800],
  ['24h', 86_400],
  ['7d', 604_800],
])('%s is %i seconds', (text, seconds) => {
  expect(Duration.parse(text)).toBe(seconds);
});

describe('a digest', () => {
  // FIPS 180-2, appendix B.1.
  const ABC = 'sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';

  it('is of exactly these bytes, at once or piece by piece', () => {
    const pieces = startDigest().update('a').update('bc');

    expect(digestOf('abc')).toBe(ABC);
    expect(digestOf(Uint8Array.of(97, 98, 99))).toBe(ABC);
    expect(finishDigest(pieces)).toBe(ABC);
  });

  it('is known to people by its first 12 digits', () => {
    expect(shortDigest(digestOf('abc'))).toBe('ba7816bf8f01');
  });
});
