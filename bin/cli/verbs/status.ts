import { StatusReply } from '../../../lambdas/board/contract.ts';
import { statusText } from '../../../lambdas/view/status-text.ts';
import { statusView } from '../../../lambdas/view/status-view.ts';
import type { Context } from '../context.ts';
import { done, type Outcome } from '../outcome.ts';

export async function status({ api, clock }: Context): Promise<Outcome> {
  const reply = await (await api()).get(StatusReply, '/status');
  const view = statusView(reply, clock.now());
  return done(reply, statusText(view), view.needs);
}
