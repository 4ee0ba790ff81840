import { describe, expect, it } from 'vitest';
import { digestOf } from '../../lambdas/domain/digest.ts';
import { judgePush } from '../../lambdas/intake/judge-push.ts';
import type { Push } from '../../lambdas/intake/read-push.ts';
import { accounts, shop } from '../promote/shop.ts';

const NOW = new Date('2026-03-01T12:00:00.000Z');
const push: Push = {
  account: accounts.dev,
  region: 'us-east-1',
  repository: 'shop/payments',
  digest: digestOf('image'),
  tag: '1042',
  at: '2026-03-01T11:00:00.000Z',
  announcedBy: 'event',
};
const config = shop();
const tags = (pattern: string) => {
  const changed = structuredClone(config);
  for (const service of Object.values(changed.services)) service.artifact.tags = pattern;
  return changed;
};
const judge = (change: { [K in keyof Push]?: Push[K] | undefined }, given = config) =>
  judgePush(given, { ...push, ...change } as Push, NOW);

describe('a push', () => {
  it('into the first stage, under a tag that says so, is a release', () => {
    expect(judge({})).toEqual({
      stage: 'dev',
      release: {
        schema: 1,
        service: 'payments',
        version: '1042',
        digest: push.digest,
        source: {
          environment: 'dev',
          account: accounts.dev,
          region: 'us-east-1',
          repository: 'shop/payments',
        },
        pushedAt: push.at,
        seenAt: NOW.toISOString(),
        announcedBy: 'event',
      },
    });
  });

  it('is of the service whose image it is', () => {
    expect(judge({ repository: 'shop/orders' })).toMatchObject({ release: { service: 'orders' } });
  });

  it('belongs to the first stage also where stages share an account', () => {
    const shared = structuredClone(config);
    const [dev, qa] = ['dev', 'qa'].map((name) => shared.environments[name as never]);
    if (!dev || !qa) throw new Error('the shop has a dev and a qa');
    dev.account = qa.account;

    expect(judge({ account: accounts.qa }, shared)).toMatchObject({
      release: { source: { environment: 'dev' } },
    });
  });

  it.each<[string, Parameters<typeof judge>[0], string, string, typeof config?]>([
    [
      'of an account that nobody declared',
      { account: '999999999999' },
      'account',
      'account 999999999999 in us-east-1 is no environment of conveyor.yaml',
    ],
    [
      'of another region',
      { region: 'eu-west-1' },
      'account',
      `account ${accounts.dev} in eu-west-1 is no environment of conveyor.yaml`,
    ],
    [
      'of an image that is no service’s',
      { repository: 'shop/unknown' },
      'repository',
      'no service has the image shop/unknown',
    ],
    ['by digest alone', { tag: undefined }, 'untagged', 'pushed by digest, without a tag'],
    [
      'as latest, even where any tag would do',
      { tag: 'latest' },
      'latest',
      'latest names other bytes every time; a release is tagged by its BuildId',
      tags('^.*$'),
    ],
    ['under a tag of another kind', { tag: 'v1' }, 'tag-pattern', 'tag v1 does not match ^[0-9]+$'],
    [
      'under a tag that no image can have, whatever the pattern',
      { tag: 'a/b' },
      'tag-pattern',
      'tag a/b does not match ^.*$',
      tags('^.*$'),
    ],
    [
      'under a tag too long to repeat',
      { tag: 'x'.repeat(200) },
      'tag-pattern',
      `tag ${'x'.repeat(128)} does not match ^[0-9]+$`,
    ],
  ])('%s is none, and it is said why', (_, change, code, reason, given) => {
    const { tag, digest, repository, account } = { ...push, ...change };

    expect(judge(change, given)).toStrictEqual({
      refusal: {
        schema: 1,
        at: NOW.toISOString(),
        account,
        repository,
        ...(tag !== undefined && { tag }),
        digest,
        code,
        reason,
      },
    });
  });

  it('into a later stage is a copy, and names every place that it can be', () => {
    const shared = structuredClone(config);
    const prod = shared.environments['prod' as never];
    if (!prod) throw new Error('the shop has a prod');
    prod.account = accounts.qa as typeof prod.account;

    expect(judge({ account: accounts.qa }, shared)).toMatchObject({
      ownCopyOf: { service: 'payments', version: '1042' },
      refusal: {
        code: 'not-a-source',
        reason: 'releases of payments come from dev, not from qa, prod',
      },
    });
  });
});
