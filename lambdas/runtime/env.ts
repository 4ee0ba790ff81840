import * as z from 'zod';

/**
 * The function's environment, read once at cold start. @throws an error that names each variable that is missing;
 * before any event is taken.
 */
export function readEnv<S extends z.ZodRawShape>(shape: S): z.infer<z.ZodObject<S>> {
  const result = z.object(shape).safeParse(process.env);
  if (result.success) return result.data;
  const problems = result.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
  throw new Error(`This function's environment is incomplete. ${problems.join('; ')}`);
}
