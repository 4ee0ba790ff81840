import { ledgerContract, SEED } from '../contract/ledger.contract.ts';
import { MemoryLedger } from '../fakes/memory-ledger.ts';
import { startTestGithub } from './start-test-github.ts';

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
  const { github, ledger, close } = await startTestGithub(clock, undefined, SEED);
  const { repository } = github;
  return {
    ledger: ledger(),
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
    close,
  };
});
