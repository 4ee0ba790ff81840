import { HostsReply, StatusReply } from '../../../lambdas/board/contract.ts';
import { NotFound } from '../../../lambdas/domain/errors.ts';
import { hostsText } from '../../../lambdas/view/hosts-text.ts';
import { NEXT } from '../../../lambdas/view/next.ts';
import { statusText } from '../../../lambdas/view/status-text.ts';
import { statusView } from '../../../lambdas/view/status-view.ts';
import type { Context } from '../context.ts';
import { done, type Outcome } from '../outcome.ts';
import { withSuggestions } from '../suggest.ts';

/** Everything; or of one service; or of one service in one environment, its hosts one by one. */
export async function status(
  context: Context,
  { service, environment }: { service?: string; environment?: string } = {},
): Promise<Outcome> {
  const api = await context.api();
  const now = context.clock.now();
  if (service !== undefined && environment !== undefined) {
    const where = { service, environment };
    const reply = await withSuggestions(context, where, () => api.get(HostsReply, '/hosts', where));
    return done(reply, hostsText(reply, now), [NEXT.why(service, environment)]);
  }
  const all = await api.get(StatusReply, '/status');
  const reply =
    service === undefined
      ? all
      : await withSuggestions(context, { service }, async () => ({
          ...all,
          services: named(all, service),
        }));
  const view = statusView(reply, now);
  return done(reply, statusText(view), view.needs);
}

function named({ services }: StatusReply, service: string): StatusReply['services'] {
  const own = services.filter((one) => one.service === service);
  if (own.length === 0)
    throw new NotFound(`no service is called ${service}`, { data: { service } });
  return own;
}
