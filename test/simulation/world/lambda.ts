import { asConveyorError } from '../../../lambdas/adapters/aws-failure.ts';
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

/** As a function ends with an error (`lambdas/runtime/handler.ts`), and Lambda hands it on: its name, its message as JSON. */
export function asStatesError(thrown: unknown): StatesError {
  if (thrown instanceof StatesError) return thrown;
  if (!(thrown instanceof Error)) throw thrown;
  const error = asConveyorError(thrown);
  const known = error instanceof ConveyorError || /^(ZodError|\$ZodError|Error)$/.test(error.name);
  if (!known) throw error;
  return handedOn(error.name, error.message);
}

/** What Step Functions is told of a function that failed. */
export function handedOn(errorType: string, errorMessage: string): StatesError {
  return new StatesError(errorType, JSON.stringify({ errorType, errorMessage, trace: [] }));
}
