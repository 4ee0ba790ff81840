import { StatusReply } from '../../lambdas/board/contract.ts';
import { NotFound } from '../../lambdas/domain/errors.ts';
import { nearest } from '../../lambdas/domain/nearest.ts';
import type { Context } from './context.ts';

/** Runs `ask`; when the stack does not know a name, says which it does know and which was probably meant. */
export async function withSuggestions<T>(
  context: Context,
  typed: { readonly service?: string | undefined; readonly environment?: string | undefined },
  ask: () => Promise<T>,
): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (!(error instanceof NotFound)) throw error;
    throw (await explain(context, typed)) ?? error;
  }
}

async function explain(
  context: Context,
  typed: { readonly service?: string | undefined; readonly environment?: string | undefined },
): Promise<NotFound | undefined> {
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
