import { GithubLedger } from '../adapters/github-ledger.ts';
import type { ConveyorConfig } from '../domain/config.ts';
import type { Ledger } from '../ports/ledger.ts';
import { clock } from './clock.ts';
import { secret } from './ssm.ts';

/** The Ledger that the configuration names, with its credentials read when they are first needed. */
export function ledger(config: ConveyorConfig): Ledger {
  const { owner, repository, branch, apiUrl, auth } = config.ledger.github;
  let made: Promise<GithubLedger> | undefined;
  const make = async () => {
    const credentials =
      'token' in auth
        ? { token: await secret(auth.token) }
        : {
            app: {
              appId: String(auth.app.id),
              installationId: String(auth.app.installation),
              privateKey: await secret(auth.app.privateKey),
            },
          };
    return new GithubLedger({ apiUrl, owner, repository, branch, auth: credentials, clock });
  };
  const github = () => (made ??= make());
  return {
    read: async (paths, since) => (await github()).read(paths, since),
    commit: async (change) => (await github()).commit(change),
  };
}
