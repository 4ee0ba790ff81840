import type { IngressEvent } from './look-up.ts';
import type { Env } from './platform.ts';
import { type Answer, postEvents } from './post-events.ts';

/**
 * Sends events, and says for each what became of it. Where the ingress refuses several for good, each half is sent by
 * itself, so that one bad event takes only itself along; that is at most 2n - 1 requests.
 */
export async function sendEvents(
  env: Env,
  events: readonly IngressEvent[],
): Promise<ReadonlyMap<string, Answer>> {
  if (events.length === 0) return new Map();
  const answer = await postEvents(env, events);
  if (answer.outcome !== 'refused' || events.length === 1)
    return new Map(events.map(({ id }) => [id, answer]));
  const middle = Math.ceil(events.length / 2);
  return new Map([
    ...(await sendEvents(env, events.slice(0, middle))),
    ...(await sendEvents(env, events.slice(middle))),
  ]);
}
