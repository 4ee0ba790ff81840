import { PromoteReply, PromoteRequest } from '../../lambdas/board/contract.ts';
import { isFinal, type Promotion } from '../../lambdas/domain/promotion.ts';
import { changeWords } from '../../lambdas/view/list-text.ts';
import { promotionView } from '../../lambdas/view/promotion-view.ts';
import type { Context } from './context.ts';
import { ended, follow } from './follow.ts';
import { done, type Outcome } from './outcome.ts';
import { parseArgument } from './parse-argument.ts';
import { withSuggestions } from './suggest.ts';

/** As typed. */
export interface WaitOptions {
  readonly wait?: boolean;
  readonly timeout: string;
}

export interface Waiting {
  /** `false`: only until it is accepted. */
  readonly wait: boolean;
  readonly seconds: number;
}

/** Asks for a promotion or a rollback and, if told to, follows it. */
export async function requestPromotion(
  context: Context,
  asked: Readonly<Record<string, unknown>> & {
    readonly service: string;
    readonly environment: string;
    /** Whoever asks with the same one means the same. @default one of its own */
    readonly requestId?: string;
  },
  { wait, seconds }: Waiting,
): Promise<Outcome> {
  const requestId = asked.requestId ?? context.clock.ulid();
  const request = PromoteRequest.safeParse({ ...asked, requestId });
  const issue = request.error?.issues[0];
  if (issue !== undefined)
    parseArgument(PromoteRequest, { ...asked, requestId }, `<${issue.path.join('.')}>`);

  const api = await context.api();
  const { promotion } = await withSuggestions(context, asked, () =>
    api.post(PromoteReply, '/promotions', request.data, true),
  );
  if (wait) {
    context.reporter.line(acceptedWords(promotion));
    return follow(context, promotion, seconds);
  }
  return isFinal(promotion.state) ? ended(context, promotion) : runs(promotion);
}

/** One that nobody waits for. */
export function runs(promotion: Promotion): Outcome {
  return done(
    { promotion },
    `${acceptedWords(promotion)}: ${promotion.state}`,
    promotionView(promotion, undefined).next,
  );
}

export const acceptedWords = (promotion: Promotion) =>
  `${promotion.id} ${promotion.service} ${changeWords(promotion)} into ${promotion.environment}`;
