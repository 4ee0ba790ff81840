import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { readConfig } from '../../../infra/config.ts';
import type { ConveyorConfig } from '../../../lambdas/domain/config.ts';
import { ArtifactMissing, InvalidInput, NotFound } from '../../../lambdas/domain/errors.ts';
import { hostsOf } from '../../../lambdas/domain/hosts-of.ts';
import { EnvironmentName, ServiceName, Version } from '../../../lambdas/domain/names.ts';
import { isImage, placeName } from '../../../lambdas/domain/place.ts';
import type { Promotion } from '../../../lambdas/domain/promotion.ts';
import {
  environmentPlace,
  outputBucket,
  releaseKey,
} from '../../../lambdas/domain/release-store.ts';
import { InstanceId } from '../../../lambdas/domain/rollout.ts';
import {
  environmentConfig,
  newPromotion,
  placeOf,
  stageOf,
} from '../../../lambdas/promote/new-promotion.ts';
import { handText } from '../../../lambdas/view/hand-text.ts';
import { hostsWords } from '../../../lambdas/view/hosts-text.ts';
import { NEXT } from '../../../lambdas/view/next.ts';
import { headingOf } from '../../../lambdas/view/runbook.ts';
import type { Context } from '../context.ts';
import { shownFrom } from '../deployments/read-deployments.ts';
import { EXIT } from '../exit-codes.ts';
import { foldersUp } from '../folders-up.ts';
import { failed, type Outcome } from '../outcome.ts';
import { parseArgument, parseTimeout } from '../parse-argument.ts';
import { type ByHand, deployByHand } from '../ssm/deploy-by-hand.ts';
import { folderLedger } from '../ssm/folder-ledger.ts';
import { type Account, openAccount } from '../ssm/open-account.ts';

export interface SsmOptions {
  readonly service: string;
  readonly environment: string;
  readonly tag: string;
  readonly config?: string;
  readonly ledger?: string;
  readonly host?: readonly string[];
  readonly yes?: boolean;
  readonly timeout: string;
}

const CONFIG = 'conveyor.yaml';

/**
 * The verb as the command line calls it. It is bundled apart (build-cli.ts), with error classes of its own: nobody else could
 * tell them.
 */
export async function ssm(context: Context, options: SsmOptions): Promise<Outcome> {
  try {
    return await bringByHand(context, options);
  } catch (error) {
    return failed(error, context.verb);
  }
}

/**
 * Brings hosts to a version that their environment has already, past Conveyor, its gates and its approvals: with the caller's
 * own credentials, conveyor.yaml and Run Command alone. Exits by what the hosts are then seen to run.
 */
export async function bringByHand(
  context: Context,
  options: SsmOptions,
  open: typeof openAccount = openAccount,
): Promise<Outcome> {
  const service = parseArgument(ServiceName, options.service, '<service>');
  const environment = parseArgument(EnvironmentName, options.environment, '<environment>');
  const version = parseArgument(Version, options.tag, '--tag');
  const only = options.host?.map((one) => parseArgument(InstanceId, one, '--host'));
  const end = context.clock.now().getTime() + parseTimeout(options.timeout) * 1_000;
  const path = findConfig(context, options.config);
  const config = readConfig(shownFrom(resolve(context.host.cwd), path), path);
  const { kind, target } = hostsOf(config, service);
  stageOf(config, service, environment);
  const { account: number, region } = environmentConfig(config, environment);
  const output = { bucket: outputBucket(config, environment), prefix: service };
  const account = await open(context, { environment, account: number, region, kind, output });
  const release = { service, environment, version };
  const promotion = await promotionOf(context, config, account, release, only);
  const tell = `${service} ${version} goes to ${only?.join(', ') ?? target.hosts} in ${environment} past gates and approvals, as ${account.caller.arn}`;
  context.reporter.line(tell);
  await confirm(context, service, options.yes === true);
  const ledger = folderLedger(resolve(context.host.cwd, options.ledger ?? dirname(path)));
  const byHand = await deployByHand(context, account, ledger, config, promotion, end);
  return told(context, promotion, output.bucket, byHand);
}

async function promotionOf(
  { clock }: Context,
  config: ConveyorConfig,
  { caller, digestOf }: Account,
  { service, environment, version }: Pick<Promotion, 'service' | 'environment' | 'version'>,
  only: readonly InstanceId[] | undefined,
): Promise<Promotion> {
  if (version === 'latest')
    throw new InvalidInput('--tag: latest names no version; it moves', {
      fix: 'Name the build or the commit.',
    });
  const image = placeOf(config, service, environment);
  const place = isImage(image)
    ? image
    : environmentPlace(config, environment, releaseKey(service, version));
  const digest = await digestOf(place, version);
  if (digest === undefined)
    throw new ArtifactMissing(`${placeName(place)} has no ${version}`, {
      data: { ...place, version },
      fix: 'By hand, hosts get what their account holds. What ran there before: git log of the Ledger.',
    });
  const now = clock.now().toISOString();
  return newPromotion(config, clock, {
    release: {
      ...{ schema: 1, service, version, digest, source: place, announcedBy: 'event' },
      ...{ pushedAt: now, seenAt: now },
    },
    environment,
    requestedBy: { principal: caller.arn },
    ...(only !== undefined && { only: [...only] }),
  });
}

/** @throws InvalidInput where nobody confirms */
async function confirm({ host }: Context, service: string, yes: boolean): Promise<void> {
  if (yes) return;
  const typed = await host.prompt?.(`Type the service's name to go on: `);
  if (typed?.trim() === service) return;
  throw new InvalidInput('not confirmed; nothing was sent', {
    fix: `Type ${service} when asked, or give --yes.`,
  });
}

function told(
  { reporter }: Context,
  promotion: Promotion,
  bucket: string,
  { ended, hosts }: ByHand,
): Outcome {
  reporter.clear();
  const { service, environment, version, id } = promotion;
  const data = { run: id, service, environment, version, digest: promotion.digest, ended, hosts };
  // Conveyor still holds something else to be right; it is told by a rollback that lands the same.
  const next = [NEXT.rollback(service, environment, version)];
  const what = `${service} ${version} in ${environment}: ${hostsWords(hosts)}`;
  const shown = { data, text: handText(hosts), next };
  const code = ended === 'undone' ? 'HostsRestored' : 'HostsFailed';
  switch (ended) {
    case 'promoted':
      return { exit: EXIT.done, ...shown };
    case 'interrupted':
      return {
        ...{ exit: EXIT.interrupted, ...shown },
        error: { code: 'Interrupted', message: `${what}; those that were told go on` },
      };
    case 'timeout':
      return {
        ...{ exit: EXIT.timeout, ...shown },
        error: { code: 'StillRunning', message: `${what}; those that were told go on` },
      };
    default:
      return {
        ...{ exit: EXIT.failed, ...shown },
        error: {
          code,
          message: what,
          fix: `What went wrong on a host is in its /var/log/conveyor, and in s3://${bucket}/${service}/.`,
          docs: `docs/runbook.md#${headingOf(code)}`,
        },
      };
  }
}

/** @throws NotFound */
function findConfig({ host }: Context, named: string | undefined): string {
  const cwd = resolve(host.cwd);
  if (named !== undefined) return resolve(cwd, named);
  const folder = [...foldersUp(cwd)].find((one) => existsSync(join(one, CONFIG)));
  if (folder !== undefined) return join(folder, CONFIG);
  throw new NotFound(`no ${CONFIG} is here or in a folder above`, {
    fix: 'Give --config: the file lies in the repository that Conveyor is deployed from.',
  });
}
