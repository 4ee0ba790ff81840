import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startGithub } from '../../bin/twin/github/start-github.tsx';
import { GithubLedger } from '../../lambdas/adapters/github-ledger.ts';
import { ledgerContract, SEED } from '../contract/ledger.contract.ts';
import { MemoryLedger } from '../fakes/memory-ledger.ts';

ledgerContract('in memory', async (clock) => {
  const ledger = new MemoryLedger(clock, SEED);
  return {
    ledger,
    text: async (path) => ledger.text(path),
    log: async () => ledger.log(),
    push: async (files) => void ledger.push(files),
    loseNextReply: () => ledger.loseNextReply(),
    failNextRead: () => ledger.failNextRead(),
    failNextCommit: (times) => ledger.failNextCommit(times),
    close: async () => {},
  };
});

ledgerContract('on GitHub', async (clock) => {
  const directory = await mkdtemp(join(tmpdir(), 'conveyor-github-'));
  const place = { owner: 'forge', repository: 'forge-platform' };
  const seed = new Map(Object.entries(SEED));
  const github = await startGithub({
    directory,
    port: 0,
    tokens: ['t0ken'],
    ...place,
    seed,
    clock,
  });
  const { repository, apiUrl } = github;
  const auth = { token: 't0ken' };
  return {
    ledger: new GithubLedger({ apiUrl, ...place, branch: 'main', auth, clock }),
    text: async (path) => {
      const entry = await repository.entry('main', path);
      return entry && (await repository.blob(entry.oid)).toString('utf8');
    },
    log: async () =>
      (await repository.log('main')).map(({ oid: id, message }) => ({ id, message })),
    push: async (files) => {
      const by = { name: 'eve', email: 'eve@example.test', date: clock.now().toISOString() };
      await repository.commit({
        expected: (await repository.head()) ?? '',
        additions: new Map(Object.entries(files)),
        deletions: [],
        message: 'by hand',
        author: by,
        committer: by,
      });
    },
    loseNextReply: () => github.failNext({ mode: 'after' }),
    failNextRead: () => github.failNext({ requests: 3 }),
    failNextCommit: (requests) => github.failNext({ requests, on: 'commit' }),
    close: async () => {
      await github.close();
      await rm(directory, { recursive: true });
    },
  };
});
