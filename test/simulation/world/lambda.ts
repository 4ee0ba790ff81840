import { ConveyorError } from '../../../lambdas/domain/errors.ts';
import { StatesError } from '../asl/errors.ts';

/** The promotion that a payload is about. */
export function subjectOf(payload: unknown): string | undefined {
  const { promotion } = (payload ?? {}) as { promotion?: unknown };
  return typeof promotion === 'string' ? promotion : undefined;
}

const FILES = new Map<string, string>();

/** `${TakeTurnArn}` is the function of `take-turn.lambda.ts`. */
export function fileOf(placeholder: string): string {
  const known = FILES.get(placeholder);
  if (known !== undefined) return known;
  const name = /^\$\{(\w+)Arn\}$/.exec(placeholder)?.[1];
  if (name === undefined) throw new Error(`nothing is bound to ${placeholder}`);
  const file = name.replace(/(?<!^)([A-Z])/g, '-$1').toLowerCase();
  FILES.set(placeholder, file);
  return file;
}

/** As Lambda hands on an error: its name, and its message as JSON. */
export function asStatesError(error: unknown): StatesError {
  if (error instanceof StatesError) return error;
  if (!(error instanceof Error)) throw error;
  const known = error instanceof ConveyorError || /^(ZodError|\$ZodError|Error)$/.test(error.name);
  if (!known) throw error;
  const cause = { errorType: error.name, errorMessage: error.message, trace: [] };
  return new StatesError(error.name, JSON.stringify(cause));
}
