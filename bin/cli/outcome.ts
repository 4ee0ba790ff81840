import { ConveyorError } from '../../lambdas/domain/errors.ts';
import { NEXT } from '../../lambdas/view/next.ts';
import { headingOf } from '../../lambdas/view/runbook.ts';
import { EXIT, exitOfError } from './exit-codes.ts';

/** What a verb came to. `error` is there exactly when `exit` is not 0; `data` when there is something to show. */
export interface Outcome {
  readonly exit: number;
  readonly data?: unknown;
  /** The result for people, without its last line. */
  readonly text?: string;
  readonly error?: CliError;
  /** What to type next; the first is the last line of what people see. */
  readonly next: readonly string[];
}

export interface CliError {
  readonly code: string;
  readonly message: string;
  readonly where?: unknown;
  readonly fix?: string;
  readonly docs?: string;
}

export const done = (data: unknown, text: string, next: readonly string[] = []): Outcome => ({
  exit: EXIT.done,
  data,
  text,
  next,
});

/** A caught error as an outcome; what is not ours is a defect, and says so without a stack in anybody's JSON. */
export function failed(error: unknown, verb: string | undefined): Outcome {
  if (!(error instanceof ConveyorError)) {
    const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    return {
      exit: EXIT.failed,
      error: { code: 'Defect', message, fix: 'Report this, with the command you ran.' },
      next: [],
    };
  }
  const { name: code, message, fix, data } = error;
  return {
    exit: exitOfError(code),
    error: {
      code,
      message,
      ...(data.problems === undefined ? {} : { where: data.problems }),
      ...(fix === undefined ? {} : { fix }),
      docs: `docs/runbook.md#${headingOf(code)}`,
    },
    next: nextAfter(code, verb),
  };
}

/** Never the command that was just refused. */
function nextAfter(code: string, verb: string | undefined): string[] {
  if (code === 'InvalidInput') return [NEXT.help(verb)];
  if (code === 'InvalidConfiguration') return [NEXT.help('validate')];
  // These ask no stack.
  if (verb === 'init' || verb === 'validate' || verb === 'ssm') return [NEXT.help(verb)];
  return verb === 'status' ? [NEXT.help()] : [NEXT.status()];
}
