import * as z from 'zod';
import { RepositoryPath } from '../../../lambdas/domain/deployment-file.ts';
import { AccountId, EnvironmentName, Region } from '../../../lambdas/domain/names.ts';
import type { Context } from '../context.ts';
import type { Asking } from './ask-values.ts';
import { findAccount, findRegion } from './find-account.ts';
import { findRemote } from './find-facts.ts';
import { platformFile } from './platform-file.ts';
import type { NewFile } from './write-files.ts';

export interface PlatformFlags {
  readonly platform?: string;
  readonly branch: string;
  readonly token: string;
  readonly account?: string;
  readonly region?: string;
  readonly environment?: readonly string[];
}

const FILE = 'conveyor.yaml';

/** `dev=222222222222`, or with a region of its own `dev=222222222222@eu-west-1`; several with commas or spaces. */
const Environments = z
  .string()
  .transform((text) => text.split(/[\s,]+/).filter((part) => part !== ''))
  .pipe(
    z
      .array(
        z.string().transform((part, context) => {
          const [, name, account, region] = /^([^=]+)=([^@]+)(?:@(.+))?$/.exec(part) ?? [];
          const parsed = z
            .object({ name: EnvironmentName, account: AccountId, region: Region.optional() })
            .safeParse({ name, account, region });
          if (parsed.success) return parsed.data;
          context.addIssue(
            `${part} is not written <name>=<account>, like dev=222222222222 (or dev=222222222222@eu-west-1)`,
          );
          return z.NEVER;
        }),
      )
      .min(1, 'at least one environment is needed'),
  );

/** What a platform's repository begins with. @throws InvalidInput */
export async function initPlatform(
  context: Context,
  asking: Asking,
  flags: PlatformFlags,
): Promise<NewFile[]> {
  const { cwd } = context.host;
  const repository = await asking.value({
    flag: '--platform',
    value: '<owner/name>',
    question: 'Which GitHub repository is the Ledger, that says what should run',
    schema: RepositoryPath,
    given: flags.platform,
    found: () => findRemote(cwd),
  });
  const account = await asking.value({
    flag: '--account',
    value: '<account>',
    question: 'Which AWS account does Conveyor run in',
    schema: AccountId,
    given: flags.account,
    found: () => findAccount(context),
  });
  const region = await asking.value({
    flag: '--region',
    value: '<region>',
    question: 'and in which region',
    schema: Region,
    given: flags.region,
    found: () => findRegion(context),
  });
  const environments = await asking.value({
    flag: '--environment',
    value: '<name>=<account>',
    question: 'Which environments, in their order, like dev=222222222222 prod=444444444444',
    schema: Environments,
    given: flags.environment?.join(' '),
    found: () => undefined,
  });
  asking.requireAll();
  if (!repository || !account || !region || !environments) return [];
  const { branch, token } = flags;
  const platform = { repository, account, region, environments, branch, token };
  return [{ file: FILE, text: platformFile(platform, FILE) }];
}
