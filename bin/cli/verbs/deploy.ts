import { digestOf } from '../../../lambdas/domain/digest.ts';
import { EnvironmentName, ServiceName } from '../../../lambdas/domain/names.ts';
import { isFinal, type Promotion } from '../../../lambdas/domain/promotion.ts';
import { compareReleases } from '../../../lambdas/domain/release-order.ts';
import { NEXT } from '../../../lambdas/view/next.ts';
import { momentWords } from '../../../lambdas/view/time-words.ts';
import type { Context } from '../context.ts';
import {
  awaitRelease,
  type Known,
  type Unseen,
  type Wanted,
} from '../deployments/await-release.ts';
import { chooseDeployment, requirePlatform } from '../deployments/choose-deployment.ts';
import { deployedVersion } from '../deployments/deployed-version.ts';
import { EXIT } from '../exit-codes.ts';
import { ended, follow } from '../follow.ts';
import { done, type Outcome } from '../outcome.ts';
import { parseArgument, parseTimeout } from '../parse-argument.ts';
import {
  acceptedWords,
  requestPromotion,
  runs,
  type Waiting,
  type WaitOptions,
} from '../request-promotion.ts';

interface Options extends WaitOptions {
  readonly service: string;
  readonly environment: string;
  readonly sha?: string;
  readonly version?: string;
  readonly reason?: string;
  readonly approval?: boolean;
}

/**
 * Makes a commit, or a build of an image, what runs in an environment, and ends as that ends. Said again it follows what is
 * under way, or finds it done; an older one that ran there is gone back to.
 */
export async function deploy(context: Context, options: Options): Promise<Outcome> {
  const service = parseArgument(ServiceName, options.service, '<service>');
  const environment = parseArgument(EnvironmentName, options.environment, '<environment>');
  const end = context.clock.now().getTime() + parseTimeout(options.timeout) * 1_000;
  const { file } = chooseDeployment(context, { service, environment });
  const version = await deployedVersion(context.host, options, file);
  if (file === undefined)
    context.reporter.line('there is no deployments/ here; going by what was typed');

  const wanted = { service, environment, version };
  const known = await awaitRelease(context, wanted, end, ({ platform }) => {
    if (file !== undefined) requirePlatform(file, platform);
  });
  if (typeof known === 'string') return unseen(wanted, known);
  const seconds = Math.max(0, (end - context.clock.now().getTime()) / 1_000);
  return bring(context, wanted, known, options, { wait: options.wait !== false, seconds });
}

async function bring(
  context: Context,
  wanted: Wanted,
  { release, promotion, landed, wasPromoted }: Known,
  { reason, approval }: Options,
  waiting: Waiting,
): Promise<Outcome> {
  if (promotion !== undefined && !isFinal(promotion.state))
    return attach(context, promotion, waiting);
  if (landed?.version === wanted.version && landed.digest === release.digest)
    return done(
      { outcome: 'already-there', release, landed, ...(promotion && { promotion }) },
      `${wanted.service} ${wanted.version} is in ${wanted.environment} already, since ${momentWords(landed.since)}`,
      [NEXT.status()],
    );
  // Nobody asked for it, and something newer took its place: whoever pushed both means the newer.
  if (promotion?.state === 'superseded' && 'automatic' in promotion.requestedBy)
    return ended(context, promotion);

  const isBack = wasPromoted && landed !== undefined && compareReleases(release, landed) < 0;
  if (isBack)
    context.reporter.line(
      `going back from ${landed.version} to ${wanted.version}, which ran there`,
    );
  const kind = isBack ? 'rollback' : 'promotion';
  return requestPromotion(
    context,
    { ...wanted, kind, reason, approval, requestId: intention(wanted, kind, landed, promotion) },
    waiting,
  );
}

function attach(context: Context, promotion: Promotion, { wait, seconds }: Waiting) {
  if (!wait) return runs(promotion);
  context.reporter.line(`under way already: ${acceptedWords(promotion)}`);
  return follow(context, promotion, seconds);
}

/**
 * Two that see the same (a job and its retry, at once) mean the same promotion; after it has ended, what is seen is
 * something else.
 */
function intention(
  { service, environment, version }: Wanted,
  kind: string,
  landed: Known['landed'],
  last: Promotion | undefined,
): string {
  const seen = [service, environment, version, kind, landed?.promotion ?? null, last?.id ?? null];
  return digestOf(JSON.stringify(seen)).slice('sha256:'.length);
}

function unseen({ service, environment, version }: Wanted, why: Unseen): Outcome {
  const message = `${service} ${version} is not taken in yet, and nothing was asked for`;
  const next = [NEXT.deploy(service, environment, version)];
  return why === 'interrupted'
    ? { exit: EXIT.interrupted, error: { code: 'Interrupted', message }, next }
    : { exit: EXIT.timeout, error: { code: 'StillRunning', message }, next };
}
