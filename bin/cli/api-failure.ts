import { ApiError } from '../../lambdas/board/contract.ts';
import * as errors from '../../lambdas/domain/errors.ts';

type Thrown = new (message: string, details?: errors.ErrorDetails) => errors.ConveyorError;

/** The classes of lambdas/domain/errors.ts by name, so that the stack's error is thrown here as what it is. */
const BY_NAME = new Map<string, Thrown>(
  Object.values(errors)
    .filter((Failure) => Failure !== errors.ConveyorError)
    .map((Failure) => [Failure.name, Failure as Thrown]),
);

/** The error that an answer other than 2xx means. */
export function failureOf(status: number, body: unknown): errors.ConveyorError {
  const told = ApiError.safeParse((body as { error?: unknown } | undefined)?.error);
  if (!told.success) return byStatus(status);
  const { code, message, fix } = told.data;
  const Failure = BY_NAME.get(code) ?? (byStatus(status).constructor as Thrown);
  return new Failure(message, { data: { status, code }, ...(fix === undefined ? {} : { fix }) });
}

/** An answer that is not the API's own: Function URL, proxy, or a stack that fell over. */
function byStatus(status: number): errors.ConveyorError {
  const data = { status };
  if (status === 401 || status === 403)
    return new errors.NotAllowed('the API refused these AWS credentials', {
      data,
      fix: 'Use a role that may invoke the Conveyor API (lambda:InvokeFunctionUrl and lambda:InvokeFunction).',
    });
  if (status === 404)
    return new errors.NotFound('the endpoint is not a Conveyor API', {
      data,
      fix: 'Check --endpoint or CONVEYOR_ENDPOINT.',
    });
  if (status >= 500 || status === 429)
    return new errors.Unavailable(`the API answered ${status}`, { data });
  return new errors.InvalidInput(`the API answered ${status}`, { data });
}
