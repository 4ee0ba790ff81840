import { execFile } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { parse, validate } from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { githubSchema } from '../../bin/twin/github/graphql-endpoint.ts';
import { startGithub, type TwinGithub } from '../../bin/twin/github/start-github.tsx';
import { GithubLedger } from '../../lambdas/adapters/github-ledger.ts';
import {
  COMMIT_MUTATION,
  HISTORY_QUERY,
  readQuery,
} from '../../lambdas/adapters/github-queries.ts';
import { LedgerInvalid, LedgerRefused, LedgerUnavailable } from '../../lambdas/domain/errors.ts';
import { updateLedger } from '../../lambdas/ledger/update-ledger.ts';
import { FixedClock } from '../fakes/fixed-clock.ts';
import { problemsWith } from './openapi.ts';

const run = promisify(execFile);
const keys = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
});
const PATH = 'apps/payments/values.yaml';
const SECRET = 'ghp_secretsecretsecret';
const place = { owner: 'forge', repository: 'forge-platform', branch: 'main' };

describe("the twin's GitHub", () => {
  // Real time: the App's JWT carries it, made by GitHub's own library.
  const clock = new FixedClock(new Date());
  let directory: string;
  let github: TwinGithub;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'conveyor-github-'));
    const app = { appId: '77', installationId: '88', publicKey: keys.publicKey };
    const seed = new Map([
      [PATH, 'image:\n  tag: "1041"\n'],
      ['binary.yaml', 'a\0b'],
    ]);
    github = await startGithub({
      directory,
      port: 0,
      tokens: [SECRET],
      app,
      ...place,
      seed,
      clock,
    });
  });
  afterAll(async () => {
    await github.close();
    await rm(directory, { recursive: true });
  });

  const ledgerWith = (auth: ConstructorParameters<typeof GithubLedger>[0]['auth'], more = {}) =>
    new GithubLedger({ apiUrl: github.apiUrl, ...place, auth, clock, ...more });
  const ledger = () => ledgerWith({ token: SECRET });
  const promote = (id: string, value: string) =>
    updateLedger({
      ledger: ledger(),
      clock,
      promotion: {
        id,
        service: 'payments',
        environment: 'qa',
        version: value,
        digest: `sha256:${'b'.repeat(64)}`,
        requestedBy: 'ana',
        approvedBy: [],
        createdAt: clock.now(),
      },
      edits: [{ path: PATH, key: 'image.tag', value }],
    });
  const get = (path: string, authorization = `bearer ${SECRET}`) =>
    fetch(`${github.url}${path}`, { headers: { authorization } });

  it('is asked by the product only what GitHub’s published schema knows', () => {
    for (const query of [readQuery(0), readQuery(3), HISTORY_QUERY, COMMIT_MUTATION]) {
      expect(validate(githubSchema(), parse(query))).toEqual([]);
    }
  });

  it('is a git repository: clone it, revert one promotion of two, push', async () => {
    const work = join(directory, 'work');
    const git = (...args: string[]) => run('git', ['-C', work, ...args]);
    const first = await promote('p_revert1', '1042');
    await promote('p_revert2', '1042-other-key').catch(() => undefined);
    await run('git', ['clone', '--quiet', github.cloneUrl, work]);
    await git('config', 'user.email', 'eve@example.test');
    await git('config', 'user.name', 'eve');
    await git('reset', '--hard', '--quiet', first.commit?.id ?? '');
    await git('revert', '--no-edit', first.commit?.id ?? '');
    expect(await readFile(join(work, PATH), 'utf8')).toBe('image:\n  tag: "1041"\n');

    await expect(git('push', '--quiet', '--force', 'origin', 'main')).rejects.toThrow();
    const withToken = github.cloneUrl.replace('://', `://x-access-token:${SECRET}@`);
    await git('push', '--quiet', '--force', withToken, 'main');

    const snapshot = await ledger().read([PATH], new Date(0));
    expect(snapshot.files.get(PATH)).toContain('1041');
    expect(snapshot.commits[0]?.message).toContain(`This reverts commit ${first.commit?.id}`);
    expect(await promote('p_revert1', '1042')).toMatchObject({ outcome: 'already-committed' });
  });

  it('shows a commit to people, where the answers say it is', async () => {
    const { commit } = await promote('p_page', '1050');

    const page = await fetch(commit?.url ?? '');

    expect(page.status).toBe(200);
    const html = await page.text();
    expect(html).toContain('promote(qa): payments 1041 -&gt; 1050');
    expect(html).toContain('class="add">+  tag: &quot;1050&quot;');
  });

  it('keeps paging through history of more than a hundred commits, from one head', async () => {
    const since = new Date(clock.now().getTime() + 3_600_000);
    clock.advance(7_200_000);
    for (let number = 0; number < 101; number += 1) {
      const by = { name: 'x', email: 'x@example.test', date: clock.now().toISOString() };
      await github.repository.commit({
        expected: (await github.repository.head()) ?? '',
        additions: new Map([['n', `${number}`]]),
        deletions: [],
        message: `n ${number}`,
        author: by,
        committer: by,
      });
    }

    const { commits, head } = await ledger().read([], since);

    expect(commits.map(({ message }) => message)).toEqual(
      Array.from({ length: 101 }, (_, index) => `n ${100 - index}`),
    );
    expect(commits[0]?.id).toBe(head);
  }, 60_000);

  it('answers REST as GitHub’s OpenAPI describes it', async () => {
    const repository = '/repos/{owner}/{repo}';
    const real = '/repos/forge/forge-platform';
    const cases = [
      [real, repository],
      [`${real}/commits?per_page=5`, `${repository}/commits`],
      [`${real}/contents/${PATH}`, `${repository}/contents/{path}`],
      [`${real}/contents/apps/payments`, `${repository}/contents/{path}`],
      [`${real}/contents/`, `${repository}/contents/{path}`],
      ['/rate_limit', '/rate_limit'],
    ] as const;
    for (const [path, described] of cases) {
      const answer = await get(path);
      expect(answer.status).toBe(200);
      expect(problemsWith(await answer.json(), 'get', described, 200)).toEqual([]);
    }
    expect((await get(`${real}/contents/nowhere`)).status).toBe(404);
    expect((await get(real, 'bearer wrong')).status).toBe(401);
  }, 30_000);

  it('gives a GitHub App a token for its own signature only', async () => {
    const { privateKey } = keys;
    const other = generateKeyPairSync('rsa', {
      modulusLength: 2048,
      publicKeyEncoding: { type: 'spki', format: 'pem' },
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    });
    clock.advance(Date.now() - clock.now().getTime());

    const good = ledgerWith({ app: { appId: '77', installationId: '88', privateKey } });
    const snapshot = await good.read([PATH], new Date(0));
    expect(snapshot.files.has(PATH)).toBe(true);

    for (const app of [
      { appId: '77', installationId: '88', privateKey: other.privateKey },
      { appId: '76', installationId: '88', privateKey },
      { appId: '77', installationId: '89', privateKey },
      { appId: '77', installationId: '88', privateKey: 'not a key' },
    ]) {
      await expect(ledgerWith({ app }).read([PATH], new Date(0))).rejects.toThrow(LedgerRefused);
    }
  });

  const change = async () => ({
    expectedHead: (await github.repository.head()) ?? '',
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
    github.failNext({ ...spec, on: 'commit' });

    const error = await ledger()
      .commit(await change())
      .catch((caught: unknown) => caught);

    expect(error).toBeInstanceOf(LedgerRefused);
    expect(error).toMatchObject({ fix: expect.stringMatching(/\w{3}/), cause: undefined });
    expect(JSON.stringify([String(error), error])).not.toContain(SECRET);
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
    github.failNext({ ...spec, on: 'commit' });

    const failure = ledger().commit(await change());

    await expect(failure).rejects.toThrow(LedgerUnavailable);
    await expect(failure).rejects.toMatchObject({ data });
  });

  it('may be tried again where nobody listens, or nobody answers in time', async () => {
    const deaf = ledgerWith({ token: SECRET }, { apiUrl: 'http://127.0.0.1:9' });
    const late = ledgerWith({ token: SECRET }, { timeoutMilliseconds: 1 });

    await expect(deaf.commit(await change())).rejects.toThrow(LedgerUnavailable);
    await expect(late.commit(await change())).rejects.toThrow(LedgerUnavailable);
  });

  it('knows a head that moved from everything else', async () => {
    const stale = { ...(await change()), expectedHead: '0'.repeat(40) };

    expect(await ledger().commit(stale)).toBeUndefined();
  });

  it('names a wrong repository, a wrong branch, and a file that is no text', async () => {
    const elsewhere = ledgerWith({ token: SECRET }, { repository: 'nowhere' });
    const branchless = ledgerWith({ token: SECRET }, { branch: 'nowhere' });

    await expect(elsewhere.read([PATH], new Date(0))).rejects.toThrow(LedgerRefused);
    await expect(branchless.read([PATH], new Date(0))).rejects.toThrow('has no branch nowhere');
    await expect(ledger().read(['binary.yaml'], new Date(0))).rejects.toThrow(LedgerInvalid);
    await expect(ledger().read(['apps'], new Date(0))).rejects.toThrow(LedgerInvalid);
  });

  it('can be told to fail over HTTP, for journeys', async () => {
    const order = (body: object) =>
      fetch(`${github.url}/_twin/outage`, { method: 'POST', body: JSON.stringify(body) });

    expect((await order({ status: 200 })).status).toBe(400);
    await order({ status: 503, requests: 1 });

    expect((await get('/rate_limit')).status).toBe(503);
    expect((await get('/rate_limit')).status).toBe(200);
  });

  it('says loudly what it does not have', async () => {
    const query = '{ repository(owner: "forge", name: "forge-platform") { stargazerCount } }';
    const answer = await fetch(`${github.url}/graphql`, {
      method: 'POST',
      headers: { authorization: `bearer ${SECRET}` },
      body: JSON.stringify({ query }),
    });

    expect(await answer.text()).toContain('has no Repository.stargazerCount');
  });
});
