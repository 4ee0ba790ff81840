import { type DecisionRequest, PromotionReply } from '../../../lambdas/board/contract.ts';
import { promotionView, waitingWords } from '../../../lambdas/view/promotion-view.ts';
import type { Context } from '../context.ts';
import { done, type Outcome } from '../outcome.ts';
import { parseArgument, Text } from '../parse-argument.ts';
import { resolveId } from '../resolve-id.ts';

interface Options {
  readonly id: string;
  readonly decision: DecisionRequest['decision'];
  readonly note?: string;
}

export async function decide(context: Context, { id, decision, note }: Options): Promise<Outcome> {
  const said = note === undefined ? {} : { note: parseArgument(Text, note, '--note') };
  const path = `/promotions/${await resolveId(context, id)}/decision`;
  // Asked once: after a lost answer the stack would say "answered already", which would be true but confusing.
  const reply = await (await context.api()).post(
    PromotionReply,
    path,
    { decision, ...said },
    false,
  );
  const view = promotionView(reply.promotion, undefined);
  const waits = waitingWords(view);
  const text = `${decision === 'approve' ? 'approved' : 'rejected'} ${view.service} ${view.version} for ${view.environment}: ${view.state.word}`;
  return done(
    reply,
    waits === undefined ? text : `${text}, ${waits}`,
    view.next.filter((next) => !next.startsWith('conveyor approve')),
  );
}
