import { ReleasesReply } from '../../../lambdas/board/contract.ts';
import { releasesText } from '../../../lambdas/view/list-text.ts';
import { NEXT } from '../../../lambdas/view/next.ts';
import type { Context } from '../context.ts';
import { done, type Outcome } from '../outcome.ts';
import { withSuggestions } from '../suggest.ts';

export async function releases(
  context: Context,
  { service }: { service: string },
): Promise<Outcome> {
  const api = await context.api();
  const reply = await withSuggestions(context, { service }, () =>
    api.get(ReleasesReply, '/releases', { service }),
  );
  return done(reply, releasesText(reply.releases), [NEXT.history(service)]);
}
