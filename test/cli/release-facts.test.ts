import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { releaseFacts } from '../../bin/cli/push/release-facts.ts';
import { digestOf } from '../../lambdas/domain/digest.ts';
import { SHA } from './service-desk.ts';

const tarball = { contentDigest: digestOf('tar') };
const facts = (env: Record<string, string | undefined>, principal = 'arn:aws:iam::1:role/ci') =>
  releaseFacts(env, SHA, tarball, principal);

describe('what is kept beside a tarball', () => {
  it('names the run of Azure Pipelines, and for whom it ran', () => {
    expect(
      facts({
        BUILD_BUILDID: '4812',
        SYSTEM_COLLECTIONURI: 'https://dev.azure.com/forge/',
        SYSTEM_TEAMPROJECT: 'Ward Net',
        BUILD_REQUESTEDFOR: 'José Peña',
      }),
    ).toEqual({
      commit: SHA,
      content: tarball.contentDigest,
      build: 'https://dev.azure.com/forge/Ward%20Net/_build/results?buildId=4812',
      builder: 'Jos%C3%A9 Pe%C3%B1a',
    });
  });

  it('names who pushed, where no CI names anybody', () => {
    expect(facts({})).toEqual({
      commit: SHA,
      content: tarball.contentDigest,
      builder: 'arn:aws:iam::1:role/ci',
    });
  });

  it('holds no secret of an address, whatever CI says', () => {
    const { build } = facts({
      GITHUB_RUN_ID: '7',
      GITHUB_REPOSITORY: 'shop/relay',
      GITHUB_SERVER_URL: 'https://ana:hunter2@github.example/?token=hunter2',
    });

    expect(build).toBe('https://github.example/shop/relay/actions/runs/7');
  });

  it('fits into the headers of one object, whatever people are called', () => {
    const text = fc.option(fc.string({ unit: 'binary', maxLength: 400 }), { nil: undefined });
    const env = fc.record({
      GITHUB_ACTOR: text,
      BUILD_REQUESTEDFOR: text,
      BUILD_BUILDID: text,
      GITHUB_RUN_ID: text,
      GITHUB_REPOSITORY: text,
      SYSTEM_TEAMPROJECT: text,
      GITHUB_SERVER_URL: fc.constantFrom('https://github.example', 'nowhere', undefined),
      SYSTEM_COLLECTIONURI: fc.constantFrom('https://dev.azure.com/x/', '', undefined),
    });
    fc.assert(
      fc.property(env, fc.string({ unit: 'binary' }), (given, principal) => {
        const told = Object.entries(facts(given, principal));

        for (const [, value] of told) expect(value).toMatch(/^[\x20-\x7e]*$/);
        expect(told.flat().join('').length).toBeLessThan(1_500);
      }),
    );
  });
});
