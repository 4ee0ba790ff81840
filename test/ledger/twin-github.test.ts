import { execFile } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { parse, validate } from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { git } from '../../bin/twin/github/git.ts';
import { githubSchema } from '../../bin/twin/github/graphql-endpoint.ts';
import { startGithub, type TwinGithub } from '../../bin/twin/github/start-github.tsx';
import type { GithubLedgerOptions } from '../../lambdas/adapters/github-ledger.ts';
import {
  COMMIT_MUTATION,
  HISTORY_QUERY,
  readQuery,
} from '../../lambdas/adapters/github-queries.ts';
import { LedgerRefused } from '../../lambdas/domain/errors.ts';
import { updateLedger } from '../../lambdas/ledger/update-ledger.ts';
import { FixedClock } from '../fakes/fixed-clock.ts';
import { problemsWith } from './openapi.ts';
import { PATH, SECRET, startTestGithub, type TestGithub } from './start-test-github.ts';

const run = promisify(execFile);
const keys = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
});

describe("the twin's GitHub", () => {
  // Real time: the App's JWT carries it, made by GitHub's own library.
  const clock = new FixedClock(new Date());
  let under: TestGithub;
  let github: TwinGithub;
  beforeAll(async () => {
    const app = { appId: '77', installationId: '88', publicKey: keys.publicKey };
    under = await startTestGithub(clock, app);
    ({ github } = under);
  });
  afterAll(async () => under.close());

  const ledgerWith = (auth: GithubLedgerOptions['auth']) => under.ledger({ auth });
  const ledger = () => under.ledger();
  const promote = (id: string, value: string, path = PATH) =>
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
      edits: [{ path, key: 'image.tag', value }],
    });
  const get = (path: string, authorization = `bearer ${SECRET}`) =>
    fetch(`${github.url}${path}`, { headers: { authorization } });

  it('is asked by the product only what GitHub’s published schema knows', () => {
    for (const query of [readQuery(0), readQuery(3), HISTORY_QUERY, COMMIT_MUTATION]) {
      expect(validate(githubSchema(), parse(query))).toEqual([]);
    }
  });

  it('is a git repository: clone it, revert one promotion of two, push', async () => {
    const work = join(under.directory, 'work');
    const inWork = (...args: string[]) => run('git', ['-C', work, ...args]);
    const first = await promote('p_revert1', '1042');
    await promote('p_revert2', 'v8', 'apps/orders/values.yaml');

    await run('git', ['clone', '--quiet', github.cloneUrl, work]);
    await inWork('config', 'user.email', 'eve@example.test');
    await inWork('config', 'user.name', 'eve');
    await inWork('revert', '--no-edit', first.commit?.id ?? '');
    await expect(inWork('push', '--quiet', 'origin', 'main')).rejects.toThrow();
    const withToken = github.cloneUrl.replace('://', `://x-access-token:${SECRET}@`);
    await inWork('push', '--quiet', withToken, 'main');

    expect(await readFile(join(work, PATH), 'utf8')).toBe('image:\n  tag: "1041"\n');
    const paths = [PATH, 'apps/orders/values.yaml'];
    const { files, commits } = await ledger().read(paths, new Date(0));
    expect([...files.values()]).toEqual(['image:\n  tag: "1041"\n', 'image: {tag: v8}\n']);
    expect(commits[0]?.message).toContain(`This reverts commit ${first.commit?.id}`);
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
    const at = `${clock.now().getTime() / 1000} +0000`.replace(/\.\d+/, '');
    const stream = Array.from({ length: 101 }, (_, index) => {
      const from = index === 0 ? 'from refs/heads/main^0\n' : '';
      const message = `n ${index}`;
      const data = `data ${message.length}\n${message}\n`;
      return `commit refs/heads/main\ncommitter x <x@example.test> ${at}\n${data}${from}\n`;
    });
    await git(github.gitDirectory, ['fast-import', '--quiet'], { input: stream.join('') });

    const { commits, head } = await ledger().read([], since);

    expect(commits.map(({ message }) => message)).toEqual(
      Array.from({ length: 101 }, (_, index) => `n ${100 - index}`),
    );
    expect(commits[0]?.id).toBe(head);
  });

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

  it('keeps what is there when it is started again', async () => {
    const head = await github.repository.head();
    const { directory } = under;
    const place = { owner: 'forge', repository: 'forge-platform' };
    const again = await startGithub({ directory, port: 0, tokens: [], ...place, seed: new Map() });

    expect(await again.repository.head()).toBe(head);
    await again.close();
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
