import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { InvalidInput } from '../../../lambdas/domain/errors.ts';
import { Version } from '../../../lambdas/domain/names.ts';
import type { IoHost } from '../io-host.ts';

const run = promisify(execFile);
const GIT_SECONDS = 10;

/** What CI calls the commit it builds: GitHub Actions ("Default environment variables"), Azure Pipelines ("Predefined variables"). */
const VARIABLES = ['GITHUB_SHA', 'BUILD_SOURCEVERSION'] as const;

export interface ReleaseSha {
  readonly sha: Version;
  /** Files differ from that commit; only known where git itself was asked which it is. */
  readonly isDirty: boolean;
}

/**
 * The commit that is released: as told, as CI says, else what is checked out.
 * @throws InvalidInput where it is not a whole SHA, or nobody knows one
 */
export async function releaseSha(host: IoHost, given: string | undefined): Promise<ReleaseSha> {
  if (given !== undefined) return { sha: wholeSha(given, '--sha'), isDirty: false };
  for (const name of VARIABLES) {
    const told = host.env[name];
    if (told !== undefined && told !== '') return { sha: wholeSha(told, name), isDirty: false };
  }
  const head = await git(host.cwd, ['rev-parse', 'HEAD']);
  if (head === undefined)
    throw new InvalidInput('which commit this is cannot be told: there is no git repository here', {
      fix: 'Give it: --sha <40 hexadecimal digits>',
    });
  const status = await git(host.cwd, ['status', '--porcelain']);
  return { sha: wholeSha(head, 'git rev-parse HEAD'), isDirty: status !== '' };
}

/** A whole SHA-1 or SHA-256 in lower case, so that one commit has one name. */
function wholeSha(text: string, from: string): Version {
  const sha = text.trim().toLowerCase();
  if (/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(sha)) return Version.parse(sha);
  throw new InvalidInput(`${from}: ${text.slice(0, 80)} is no whole commit SHA`, {
    data: { from },
    fix: 'Write all of its 40 (or 64) hexadecimal digits, as git rev-parse HEAD prints them.',
  });
}

async function git(cwd: string, args: readonly string[]): Promise<string | undefined> {
  try {
    const { stdout } = await run('git', args, { cwd, timeout: GIT_SECONDS * 1_000 });
    return stdout.trim();
  } catch {
    return undefined;
  }
}
