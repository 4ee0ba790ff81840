import { HistoryReply } from '../../../lambdas/board/contract.ts';
import { historyText } from '../../../lambdas/view/list-text.ts';
import { NEXT } from '../../../lambdas/view/next.ts';
import type { Context } from '../context.ts';
import { done, type Outcome } from '../outcome.ts';
import { withSuggestions } from '../suggest.ts';

interface Options {
  readonly service?: string;
  readonly environment?: string;
}

export async function history(
  context: Context,
  { service, environment }: Options,
): Promise<Outcome> {
  const api = await context.api();
  const reply = await withSuggestions(context, { service, environment }, () =>
    api.get(HistoryReply, '/history', { service, environment }),
  );
  const [newest] = reply.promotions;
  const next = newest === undefined ? NEXT.status() : NEXT.why(newest.service, newest.environment);
  return done(reply, historyText(reply.promotions), [next]);
}
