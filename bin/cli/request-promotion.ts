import { PromoteReply, PromoteRequest } from '../../lambdas/board/contract.ts';
import { isFinal } from '../../lambdas/domain/promotion.ts';
import { changeWords } from '../../lambdas/view/list-text.ts';
import { promotionView } from '../../lambdas/view/promotion-view.ts';
import type { Context } from './context.ts';
import { ended, follow } from './follow.ts';
import { done, type Outcome } from './outcome.ts';
import { parseArgument, parseTimeout } from './parse-argument.ts';
import { withSuggestions } from './suggest.ts';

export interface WaitOptions {
  readonly wait?: boolean;
  readonly timeout: string;
}

/** Asks for a promotion or a rollback and, if told to, follows it. */
export async function requestPromotion(
  context: Context,
  asked: Readonly<Record<string, unknown>> & {
    readonly service: string;
    readonly environment: string;
  },
  options: WaitOptions,
): Promise<Outcome> {
  const timeout = parseTimeout(options.timeout);
  const requestId = context.clock.ulid();
  const request = PromoteRequest.safeParse({ ...asked, requestId });
  const issue = request.error?.issues[0];
  if (issue !== undefined)
    parseArgument(PromoteRequest, { ...asked, requestId }, `<${issue.path.join('.')}>`);

  const api = await context.api();
  const { promotion } = await withSuggestions(context, asked, () =>
    api.post(PromoteReply, '/promotions', request.data, true),
  );
  const accepted = `${promotion.id} ${promotion.service} ${changeWords(promotion)} into ${promotion.environment}`;
  if (options.wait === true) {
    context.reporter.line(accepted);
    return follow(context, promotion, timeout);
  }
  if (isFinal(promotion.state)) return ended(context, promotion);
  return done(
    { promotion },
    `${accepted}: ${promotion.state}`,
    promotionView(promotion, undefined).next,
  );
}
