import { StatusReply } from '../../lambdas/board/contract.ts';
import { NotFound } from '../../lambdas/domain/errors.ts';
import { nearest } from '../../lambdas/domain/nearest.ts';
import type { Context } from './context.ts';

interface Typed {
  readonly service?: string | undefined;
  readonly environment?: string | undefined;
}

/**
 * Runs `ask`; when the stack does not know a name, or has nothing of it, says which names there are and which was
 * probably meant.
 */
export async function withSuggestions<T extends object>(
  context: Context,
  typed: Typed,
  ask: () => Promise<T>,
): Promise<T> {
  let reply: T;
  try {
    reply = await ask();
  } catch (error) {
    if (!(error instanceof NotFound)) throw error;
    throw (await explain(context, typed)) ?? error;
  }
  const lists = Object.values(reply).filter((value) => Array.isArray(value));
  const nothing = lists.length > 0 && lists.every((list) => list.length === 0);
  const unknown = nothing ? await explain(context, typed) : undefined;
  if (unknown !== undefined) throw unknown;
  return reply;
}

async function explain(context: Context, typed: Typed): Promise<NotFound | undefined> {
  if (typed.service === undefined && typed.environment === undefined) return undefined;
  const status = await context
    .api()
    .then((api) => api.get(StatusReply, '/status'))
    .catch(() => undefined);
  if (status === undefined) return undefined;
  const known = {
    service: status.services.map(({ service }) => service),
    environment: status.environments,
  };
  for (const kind of ['service', 'environment'] as const) {
    const name = typed[kind];
    const names: readonly string[] = known[kind];
    if (name === undefined || names.includes(name)) continue;
    const guess = nearest(name, names);
    return new NotFound(`no ${kind} is called ${name}`, {
      fix: guess === undefined ? `Give one of: ${names.join(', ')}.` : `Did you mean ${guess}?`,
      data: { [kind]: name },
    });
  }
  return undefined;
}
