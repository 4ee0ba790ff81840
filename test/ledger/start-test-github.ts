import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { GithubApp } from '../../bin/twin/github/credentials.ts';
import { startGithub, type TwinGithub } from '../../bin/twin/github/start-github.tsx';
import { GithubLedger, type GithubLedgerOptions } from '../../lambdas/adapters/github-ledger.ts';
import type { FixedClock } from '../fakes/fixed-clock.ts';

export const PATH = 'apps/payments/values.yaml';
export const SECRET = 'ghp_secretsecretsecret';

export interface TestGithub {
  readonly github: TwinGithub;
  readonly directory: string;
  /** The adapter on it, with any option changed. */
  ledger(changes?: Partial<GithubLedgerOptions>): GithubLedger;
  close(): Promise<void>;
}

/** A GitHub of its own on a free port, in a folder of its own. */
export async function startTestGithub(
  clock: FixedClock,
  app?: GithubApp,
  files: Readonly<Record<string, string>> = {
    [PATH]: 'image:\n  tag: "1041"\n',
    'apps/orders/values.yaml': 'image: {tag: v7}\n',
    'binary.yaml': 'a\0b',
  },
): Promise<TestGithub> {
  const directory = await mkdtemp(join(tmpdir(), 'conveyor-github-'));
  const place = { owner: 'forge', repository: 'forge-platform' };
  const seed = new Map(Object.entries(files));
  const options = { directory, port: 0, tokens: [SECRET], ...place, seed, clock };
  const github = await startGithub(app === undefined ? options : { ...options, app });
  return {
    github,
    directory,
    ledger: (changes = {}) =>
      new GithubLedger({
        apiUrl: github.apiUrl,
        ...place,
        branch: 'main',
        auth: { token: SECRET },
        clock,
        ...changes,
      }),
    close: async () => {
      await github.close();
      await rm(directory, { recursive: true });
    },
  };
}
