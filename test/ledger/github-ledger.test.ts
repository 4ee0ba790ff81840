import { inspect } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LedgerInvalid, LedgerRefused, LedgerUnavailable } from '../../lambdas/domain/errors.ts';
import { FixedClock } from '../fakes/fixed-clock.ts';
import { PATH, SECRET, startTestGithub, type TestGithub } from './start-test-github.ts';

describe('the Ledger on GitHub', () => {
  let under: TestGithub;
  beforeAll(async () => {
    under = await startTestGithub(new FixedClock());
  });
  afterAll(async () => under.close());

  const change = async () => ({
    expectedHead: (await under.github.repository.head()) ?? '',
    files: new Map([['n', 'x']]),
    message: 'x\n\ny',
  });

  it.each([
    ['a token that expired', { status: 401, message: 'Bad credentials' }],
    ['a missing permission', { status: 403, message: 'Resource not accessible by integration' }],
    ['a repository out of sight', { status: 404, message: 'Not Found' }],
    [
      'FORBIDDEN',
      { error: { type: 'FORBIDDEN', message: 'Resource not accessible by integration' } },
    ],
    [
      'a protected branch',
      {
        error: {
          type: 'BRANCH_PROTECTION_RULE_VIOLATION',
          message: 'Changes must be made through a pull request.',
        },
      },
    ],
    ['a ruleset', { error: { type: 'OTHER', message: 'Repository rule violations found\n\n…' } }],
  ])('is refused for good by %s, saying what to do and no secret', async (_, spec) => {
    under.github.failNext({ ...spec, on: 'commit' });

    const error = await under
      .ledger()
      .commit(await change())
      .catch((caught: unknown) => caught);

    expect(error).toBeInstanceOf(LedgerRefused);
    expect(error).toMatchObject({ fix: expect.stringMatching(/\w{3}/) });
    expect(inspect(error, { depth: 10 })).not.toContain(SECRET);
  });

  it.each([
    ['a server error', { status: 502 }, {}],
    [
      'a secondary limit',
      { status: 403, message: 'You have exceeded a secondary rate limit.', retryAfterSeconds: 42 },
      { retryAfterSeconds: 42 },
    ],
    ['too many requests', { status: 429, message: 'slow down' }, { retryAfterSeconds: 60 }],
    [
      'a spent GraphQL budget',
      { error: { type: 'RATE_LIMITED', message: 'API rate limit exceeded' } },
      { retryAfterSeconds: 60 },
    ],
    [
      'a query that took too long',
      { error: { type: '', message: 'Something went wrong while executing your query.' } },
      {},
    ],
  ])('may be tried again after %s', async (_, spec, data) => {
    under.github.failNext({ ...spec, on: 'commit' });

    const failure = under.ledger().commit(await change());

    await expect(failure).rejects.toThrow(LedgerUnavailable);
    await expect(failure).rejects.toMatchObject({ data });
  });

  it('may be tried again where nobody listens, or nobody answers in time', async () => {
    const deaf = under.ledger({ apiUrl: 'http://127.0.0.1:9' });
    const late = under.ledger({ timeoutMilliseconds: 1 });

    await expect(deaf.commit(await change())).rejects.toThrow(LedgerUnavailable);
    await expect(late.commit(await change())).rejects.toThrow(LedgerUnavailable);
  });

  it('knows a head that moved from everything else', async () => {
    const stale = { ...(await change()), expectedHead: '0'.repeat(40) };

    expect(await under.ledger().commit(stale)).toBeUndefined();
  });

  it('names a wrong repository, a wrong branch, and a file that is no text', async () => {
    const elsewhere = under.ledger({ repository: 'nowhere' });
    const branchless = under.ledger({ branch: 'nowhere' });

    await expect(elsewhere.read([PATH], new Date(0))).rejects.toThrow(LedgerRefused);
    await expect(branchless.read([PATH], new Date(0))).rejects.toThrow('has no branch nowhere');
    await expect(under.ledger().read(['binary.yaml'], new Date(0))).rejects.toThrow(LedgerInvalid);
    await expect(under.ledger().read(['apps'], new Date(0))).rejects.toThrow(LedgerInvalid);
  });
});
