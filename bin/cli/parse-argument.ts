import * as z from 'zod';
import { PromotionIdOrPrefix } from '../../lambdas/board/contract.ts';
import { Duration } from '../../lambdas/domain/duration.ts';
import { InvalidInput } from '../../lambdas/domain/errors.ts';

/** A typed-in value, or InvalidInput that names it: nothing that cannot be right is sent. */
export function parseArgument<S extends z.ZodType>(
  schema: S,
  value: unknown,
  name: string,
): z.output<S> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new InvalidInput(`${name}: ${parsed.error.issues[0]?.message ?? 'not valid'}`, {
    data: { name },
  });
}

/** An id as people type it: any case, whole or its beginning. */
export function parseId(text: string): string {
  const id = text.replace(/^p_?/i, 'p_').toUpperCase().replace(/^P_/, 'p_');
  const parsed = PromotionIdOrPrefix.safeParse(id);
  if (parsed.success) return parsed.data;
  throw new InvalidInput('<id>: a promotion id is p_ and at least 4 of its letters and digits', {
    fix: 'Copy it from conveyor status or from the mail.',
  });
}

export const parseTimeout = (text: string): number => parseArgument(Duration, text, '--timeout');
export const Text = z
  .string()
  .trim()
  .min(1, 'it is empty')
  .max(500, 'it has more than 500 characters');
