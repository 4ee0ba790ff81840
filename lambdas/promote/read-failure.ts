import * as z from 'zod';
import type { Failure } from './finish-promotion.ts';

/** A failed function's `Cause` is its error as JSON (AWS Lambda, "Node.js function errors"); other causes are text. */
const Cause = z.object({ errorType: z.string().optional(), errorMessage: z.string() });

const LONGEST = 2_000;

/** What to do, by the error's name: of an error, Lambda hands on no more than its name and message. */
const FIXES: Readonly<Record<string, string>> = {
  DigestConflict: 'Tags are never moved: build again under a new version.',
  DigestMismatch: 'Trust neither side: look at who wrote to that repository, then build again.',
  RepositoryMissing: 'Create the repository (cdk deploy), then ask for the promotion again.',
  ArtifactMissing: 'Build again, or push it again: it is no longer where it was promoted from.',
  StoreRefused: 'Let the deploy role or the function do what the bucket refused, then ask again.',
  RegistryRefused: 'Allow what the registry refused to ConveyorDeployRole of that environment.',
  HostsRefused: 'Look in Fleet Manager which hosts are online, then ask for the promotion again.',
  HostsFailed: 'Look at the hosts that are named in the record, then ask again or roll back.',
  HostsRestored: 'Look at the host that failed; correct the release and promote a new one.',
  LedgerInvalid: 'Correct the manifest or the target in conveyor.yaml, then ask again.',
  LedgerConflict: 'Look at who changed it in the Ledger, then ask for the promotion again.',
  LedgerRefused: 'Renew the Ledger’s credentials or their permissions, then ask again.',
  InvalidInput: 'Correct what is named above, then ask for the promotion again.',
  InvalidConfiguration: 'Correct conveyor.yaml, deploy it, then ask for the promotion again.',
  NotFound: 'Put back what is missing in conveyor.yaml, deploy it, then ask again.',
};
const FIX_OF_OTHERS = 'Ask for the promotion again; what is done already is not done twice.';

/** What went wrong at which step, in the words of whoever threw it. */
export function readFailure({
  step,
  error,
  cause = '',
}: {
  step: string;
  error: string;
  cause?: string | undefined;
}): Failure {
  const parsed = Cause.safeParse(parse(cause));
  const message = parsed.success ? parsed.data.errorMessage : cause || error;
  const fix = Object.hasOwn(FIXES, error) ? FIXES[error] : undefined;
  return { step, error, message: message.slice(0, LONGEST), fix: fix ?? FIX_OF_OTHERS };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
