import type { Context } from 'hono';
import type * as z from 'zod';
import { InvalidInput, NotFound } from '../domain/errors.ts';
import type { Env } from './api-env.ts';

/** The body, as it must be. @throws InvalidInput */
export async function read<S extends z.ZodType>(c: Context<Env>, schema: S): Promise<z.output<S>> {
  return parse(schema, await c.req.json().catch(() => undefined));
}

/** @throws InvalidInput which names each value at fault */
export function parse<S extends z.ZodType>(schema: S, value: unknown): z.output<S> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new InvalidInput(
    parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; '),
  );
}

/** @throws NotFound which lists what there is */
export function requireKnown(what: string, name: string | undefined, declared: object): void {
  if (name === undefined || Object.hasOwn(declared, name)) return;
  throw new NotFound(`There is no ${what} ${name}`, {
    fix: `Declared: ${Object.keys(declared).join(', ')}.`,
    data: { [what]: name },
  });
}
