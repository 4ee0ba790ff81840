/** An error as Step Functions knows it: a name to catch by, and a cause in text. */
export class StatesError extends Error {
  constructor(
    override readonly name: string,
    override readonly cause: string = '',
  ) {
    super(`${name}: ${cause}`);
  }
}

/** These end the execution whatever a state would catch ("Error names": "can't be caught by States.ALL"). */
const TERMINAL = new Set(['States.DataLimitExceeded', 'States.Runtime']);
const TIMEOUTS = new Set(['States.Timeout', 'States.HeartbeatTimeout']);

/** Whether a retrier or catcher is for this error. */
export function isFor({ ErrorEquals }: { readonly ErrorEquals: readonly string[] }, name: string) {
  return ErrorEquals.some((wanted) => {
    if (wanted === name) return true;
    if (wanted === 'States.ALL') return !TERMINAL.has(name);
    if (wanted === 'States.TaskFailed') return !TIMEOUTS.has(name) && !TERMINAL.has(name);
    return wanted === 'States.Timeout' && name === 'States.HeartbeatTimeout';
  });
}
