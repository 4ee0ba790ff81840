import { isServerError, isThrottlingError, isTransientError } from '@smithy/core/retry';
import { ConveyorError, Unavailable } from '../domain/errors.ts';

/**
 * What a call of AWS threw, after the SDK's own attempts, in Conveyor's terms: `Unavailable` where the SDK itself would
 * try again (its error classification: throttling by code whatever the status, lost connections, 5xx), which the state
 * machines wait out. Everything else stays what it is.
 */
export function asConveyorError(error: unknown): Error {
  if (error instanceof ConveyorError) return error;
  if (!(error instanceof Error)) return new Error(String(error));
  const told = error as Parameters<typeof isTransientError>[0];
  const passes = isThrottlingError(told) || isTransientError(told) || isServerError(told);
  if (!passes) return error;
  return new Unavailable(`AWS did not answer as it must: ${error.name}: ${error.message}`, {
    cause: error,
  });
}
