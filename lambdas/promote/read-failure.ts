import { z } from 'zod';
import type { Failure } from './finish-promotion.ts';

/** A failed function's `Cause` is its error as JSON (AWS Lambda, "Node.js function errors"); other causes are text. */
const Cause = z.object({ errorType: z.string().optional(), errorMessage: z.string() });

const LONGEST = 2_000;

/** What went wrong at which step, in the words of whoever threw it. */
export function readFailure({
  step,
  error,
  cause = '',
}: {
  step: string;
  error: string;
  cause?: string | undefined;
}): Failure {
  const parsed = Cause.safeParse(parse(cause));
  const message = parsed.success ? parsed.data.errorMessage : cause || error;
  return { step, error, message: message.slice(0, LONGEST) };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
