import { PromotionReply } from '../../lambdas/board/contract.ts';
import { ConveyorError } from '../../lambdas/domain/errors.ts';
import { isFinal, type Promotion } from '../../lambdas/domain/promotion.ts';
import { NEXT } from '../../lambdas/view/next.ts';
import { progressLines, progressText, resultLine } from '../../lambdas/view/progress-lines.ts';
import { promotionView, waitingWords } from '../../lambdas/view/promotion-view.ts';
import { shortId } from '../../lambdas/view/words.ts';
import type { Context } from './context.ts';
import { EXIT, exitOfState } from './exit-codes.ts';
import type { Outcome } from './outcome.ts';
import { pause } from './pause.ts';

const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 5_000;

/** Follows a promotion to its end, its timeout or Ctrl-C. The promotion does not notice either of the latter. */
export async function follow(
  context: Context,
  promotion: Promotion,
  timeoutSeconds: number,
): Promise<Outcome> {
  const { clock, host, reporter } = context;
  const end = clock.now().getTime() + timeoutSeconds * 1000;
  const printed = new Set<string>();
  let wait = FIRST_PAUSE_MS;
  let seen = promotion;
  for (;;) {
    report(context, seen, printed);
    if (isFinal(seen.state)) return ended(context, seen);
    if (host.interrupted.aborted) return stopped(context, seen, 'Interrupted', EXIT.interrupted);
    if (clock.now().getTime() >= end) return stopped(context, seen, 'StillRunning', EXIT.timeout);

    reporter.waiting(
      `${seen.state}: ${waitingWords(promotionView(seen, undefined)) ?? shortId(seen)}`,
    );
    await pause(context, wait);
    const newer = host.interrupted.aborted ? seen : await look(context, seen);
    // Something moved: the next step may follow at once. Nothing did: look less often.
    wait =
      newer.stateSince === seen.stateSince
        ? Math.min(wait * 1.5, LONGEST_PAUSE_MS)
        : FIRST_PAUSE_MS;
    seen = newer;
  }
}

/** A look that fails for a while (a tunnel, a deployment) is no end of the promotion, so it is no end of following it. */
async function look({ api, host }: Context, seen: Promotion): Promise<Promotion> {
  try {
    return (await (await api()).get(PromotionReply, `/promotions/${seen.id}`)).promotion;
  } catch (error) {
    if (host.interrupted.aborted || (error instanceof ConveyorError && error.retryable))
      return seen;
    throw error;
  }
}

function report({ reporter }: Context, promotion: Promotion, printed: Set<string>): void {
  for (const line of progressLines(promotion).map(progressText)) {
    if (!printed.has(line)) reporter.line(line);
    printed.add(line);
  }
}

/** A promotion that has ended, as the verb's outcome; by its state it may be an error. */
export function ended({ reporter }: Context, promotion: Promotion): Outcome {
  reporter.clear();
  const exit = exitOfState(promotion.state);
  const { service, environment, state, cause, because } = promotion;
  const error = {
    code: cause?.code ?? 'Refused',
    message: `${service} ${promotion.version} was not promoted into ${environment}: ${cause?.message ?? because ?? state}`,
    ...(cause?.step === undefined ? {} : { where: { step: cause.step } }),
    ...(cause?.fix === undefined ? {} : { fix: cause.fix }),
  };
  return {
    exit,
    data: { promotion },
    text: resultLine(promotion),
    ...(exit === EXIT.done ? {} : { error }),
    next: promotionView(promotion, undefined).next,
  };
}

function stopped({ reporter }: Context, promotion: Promotion, code: string, exit: number): Outcome {
  reporter.clear();
  return {
    exit,
    data: { promotion },
    error: { code, message: `${promotion.id} is still running: ${promotion.state}` },
    next: [NEXT.follow(promotion.id)],
  };
}
