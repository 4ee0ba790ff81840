import { ServiceReply, type VersionReply } from '../../../lambdas/board/contract.ts';
import { ConveyorError, InvalidInput, NotFound, Refused } from '../../../lambdas/domain/errors.ts';
import type { EnvironmentName, ServiceName, Version } from '../../../lambdas/domain/names.ts';
import type { Landed, Release } from '../../../lambdas/domain/promotion.ts';
import { NEXT } from '../../../lambdas/view/next.ts';
import type { Context } from '../context.ts';
import { pause } from '../pause.ts';
import { withSuggestions } from '../suggest.ts';

const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 5_000;

export interface Wanted {
  readonly service: ServiceName;
  readonly environment: EnvironmentName;
  readonly version: Version;
}

/** A release that intake has taken in, and how far it came. */
export interface Known extends VersionReply {
  readonly release: Release;
  readonly landed: Landed | undefined;
}

/** Nothing is known of the release yet, and whoever asked waits no longer. */
export type Unseen = 'interrupted' | 'timeout';

/**
 * Intake works behind the push: looks until the release is there, the stack's own time for seeing it is over, or `end`.
 * @param check looks at the first reply, before anything is waited for
 * @throws Refused with intake's reason; NotFound where nothing came, or the service or the stage does not exist
 */
export async function awaitRelease(
  context: Context,
  wanted: Wanted,
  end: number,
  check: (service: ServiceReply) => void,
): Promise<Known | Unseen> {
  const { clock, host, reporter } = context;
  const { service, version } = wanted;
  const first = await withSuggestions(context, wanted, () => ask(context, wanted));
  check(first);
  const patience = clock.now().getTime() + first.seenWithin * 1_000;
  let wait = FIRST_PAUSE_MS;
  for (let seen: ServiceReply | undefined = first; ; seen = await look(context, wanted)) {
    const known = seen && found(seen, wanted);
    if (known !== undefined) {
      reporter.clear();
      return known;
    }
    const now = clock.now().getTime();
    if (host.interrupted.aborted) return 'interrupted';
    if (now >= end) return 'timeout';
    if (now >= patience) throw neverCame(wanted, first.kind);
    if (seen === first) reporter.line(`${service} ${version} is not taken in yet; waiting for it`);
    reporter.waiting(`waiting for Conveyor to take in ${service} ${version.slice(0, 12)}`);
    await pause(context, wait);
    wait = Math.min(wait * 1.5, LONGEST_PAUSE_MS);
  }
}

function found(reply: ServiceReply, wanted: Wanted): Known | undefined {
  const { asked, targets } = reply;
  if (asked === undefined)
    throw new InvalidInput('the stack does not tell how far a version came', {
      fix: 'Use the CLI of the version that is deployed.',
    });
  if (asked.refusal !== undefined)
    throw new Refused(
      `${wanted.service} ${wanted.version} was not taken in: ${asked.refusal.reason}`,
      {
        data: { code: asked.refusal.code },
        fix: 'Correct the build and push a new commit: what was pushed once is not pushed again.',
      },
    );
  if (asked.release === undefined) return undefined;
  return { ...asked, release: asked.release, landed: targets[wanted.environment]?.landed };
}

async function ask({ api }: Context, { service, environment, version }: Wanted) {
  const stack = await api();
  return stack.get(ServiceReply, `/services/${service}`, { version, environment });
}

/** A look that fails for a while is no answer. */
async function look(context: Context, wanted: Wanted): Promise<ServiceReply | undefined> {
  try {
    return await ask(context, wanted);
  } catch (error) {
    const passes = error instanceof ConveyorError && error.retryable;
    if (passes || context.host.interrupted.aborted) return undefined;
    throw error;
  }
}

const neverCame = ({ service, version }: Wanted, kind: ServiceReply['kind']) =>
  new NotFound(`there is no release ${version} of ${service}, and none came in`, {
    data: { service, version },
    fix:
      kind === 'tarball'
        ? `Was it pushed? ${NEXT.push(service, version)}`
        : `Did CI push its image, with the tag ${version}, to the registry of the first stage? ${NEXT.releases(service)}`,
  });
