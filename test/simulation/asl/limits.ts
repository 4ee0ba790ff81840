import { StatesError } from './errors.ts';

/** Step Functions' own ("Step Functions service quotas"). */
export const LIMITS = {
  /** Bytes of one input, output, result or payload, in UTF-8. */
  data: 262_144,
  /** Events of one execution's history. */
  history: 25_000,
  nameLength: 80,
  /** Iterations of an inline map at once. */
  inlineConcurrency: 40,
  distributedConcurrency: 10_000,
  /** Where a task says no time limit. */
  taskSeconds: 99_999_999,
  executionSeconds: 365 * 86_400,
} as const;

/** Of its JSON in UTF-8. Where that cannot come near the limit, an upper bound. */
export function bytesOf(value: unknown): number {
  const text = JSON.stringify(value) ?? '';
  return text.length * 3 <= LIMITS.data ? text.length * 3 : Buffer.byteLength(text);
}

/** @throws StatesError States.DataLimitExceeded */
export function limited(value: unknown, what: string): unknown {
  const bytes = bytesOf(value);
  if (bytes <= LIMITS.data) return value;
  throw new StatesError(
    'States.DataLimitExceeded',
    `The state/task returned a ${what} with a size exceeding the maximum number of bytes service limit: ${bytes}.`,
  );
}

/** Execution names: 1–80 characters, none of those that the API refuses ("StartExecution", parameter `name`). */
export function isExecutionName(name: string): boolean {
  return (
    name.length >= 1 &&
    name.length <= LIMITS.nameLength &&
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
    !/[\s<>{}[\]?*"#%\\^|~`$&,;:/\u0000-\u001f\u007f-\u009f]/.test(name)
  );
}
