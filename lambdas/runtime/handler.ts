import { Logger } from '@aws-lambda-powertools/logger';
import type { Context } from 'aws-lambda';
import type { z } from 'zod';
import { asConveyorError } from '../adapters/aws-failure.ts';
import { ConveyorError, InvalidInput } from '../domain/errors.ts';

export const logger = new Logger();

/**
 * A function's entry point: parse the event, call once, return. Errors are logged with their own facts and thrown on
 * by name, which is what the state machines catch; what AWS did not answer becomes `Unavailable`.
 */
export function makeHandler<S extends z.ZodType, R>(
  schema: S,
  run: (input: z.output<S>, context: Context) => Promise<R>,
) {
  return async (event: unknown, context: Context): Promise<R> => {
    logger.addContext(context);
    const parsed = schema.safeParse(event);
    if (!parsed.success) {
      const problems = parsed.error.issues.map(
        (issue) => `${issue.path.join('.')}: ${issue.message}`,
      );
      throw report(
        new InvalidInput(
          `The event is not what ${context.functionName} takes: ${problems.join('; ')}`,
        ),
      );
    }
    logger.resetKeys();
    logger.appendKeys(namesIn(parsed.data));
    try {
      return await run(parsed.data, context);
    } catch (error) {
      throw report(asConveyorError(error));
    }
  };
}

function report(error: Error): Error {
  const details =
    error instanceof ConveyorError
      ? { code: error.name, source: error.source, data: error.data }
      : {};
  logger.error(error.message, {
    ...details,
    cause: error.cause instanceof Error ? error.cause.message : undefined,
    stack: error.stack,
  });
  return error;
}

/** What names the work, for every log line. */
function namesIn(input: unknown): Record<string, string> {
  if (typeof input !== 'object' || input === null) return {};
  const names = ['promotion', 'service', 'environment'] as const;
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = (input as Record<string, unknown>)[name];
      return typeof value === 'string' ? [[name, value]] : [];
    }),
  );
}
