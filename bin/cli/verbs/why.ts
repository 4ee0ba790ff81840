import { WhyReply } from '../../../lambdas/board/contract.ts';
import { NEXT } from '../../../lambdas/view/next.ts';
import { promotionView } from '../../../lambdas/view/promotion-view.ts';
import { whyText } from '../../../lambdas/view/why-text.ts';
import type { Context } from '../context.ts';
import { done, type Outcome } from '../outcome.ts';
import { withSuggestions } from '../suggest.ts';

export async function why(
  context: Context,
  { what, environment }: { what: string; environment: string },
): Promise<Outcome> {
  const api = await context.api();
  const reply = await withSuggestions(context, { environment }, () =>
    api.get(WhyReply, '/why', { artifact: what, environment }),
  );
  return done(reply, whyText(reply), [nextOf(reply)]);
}

function nextOf({
  promotions: [newest],
  releases: [release],
  available,
  environment,
}: WhyReply): string {
  if (available && release !== undefined) return NEXT.promote(release.service, environment);
  const next = newest === undefined ? undefined : promotionView(newest, undefined).next;
  return next?.find((command) => !command.startsWith('conveyor why')) ?? NEXT.status();
}
