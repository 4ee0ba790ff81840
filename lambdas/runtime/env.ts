import { z } from 'zod';

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

/** What every function with the table and the configuration has. */
export const STATE_ENV = {
  TABLE_NAME: z.string().min(1),
  CONFIG_PATH: z.string().min(1),
  KEY_ARN: z.string().min(1),
};
