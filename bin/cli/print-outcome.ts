import { plain } from '../../lambdas/view/plain.ts';
import type { IoHost } from './io-host.ts';
import type { Outcome } from './outcome.ts';

/** With `--json` one object on stdout and nothing else; without, the result on stdout and errors on stderr. */
export function printOutcome(
  host: IoHost,
  outcome: Outcome,
  verb: string | undefined,
  json: boolean,
): void {
  if (json) printJson(host, outcome, verb);
  else printText(host, outcome);
}

function printJson(host: IoHost, { data, error, next }: Outcome, verb: string | undefined): void {
  const object = {
    ...(data === undefined ? {} : { schema: `conveyor/v1/${verb}`, data }),
    ...(error === undefined ? {} : { error: { ...error, next } }),
  };
  host.out(`${JSON.stringify(object)}\n`);
}

function printText(host: IoHost, { text, error, next }: Outcome): void {
  if (text !== undefined) host.out(`${text}\n`);
  if (error !== undefined && text === undefined) {
    // Lines are the message's own (a configuration's problems); anything else in it is made harmless.
    host.err(`${error.code}: ${error.message.split('\n').map(plain).join('\n')}\n`);
    if (error.fix !== undefined) host.err(`fix:  ${plain(error.fix)}\n`);
  }
  const [first] = next;
  if (first !== undefined && text?.includes(first) !== true) host.err(`next: ${first}\n`);
}
