/**
 * Every error Conveyor throws on purpose. The class name is a contract: state machines catch by it
 * (`ErrorEquals`), the CLI prints it as `code`, the record keeps it.
 */
export type ErrorSource = 'user' | 'system';

export interface ErrorDetails {
  /** Facts a machine can read; never a secret, a token or a URL with a query. */
  readonly data?: Readonly<Record<string, unknown>>;
  /** What to do about it, as one imperative sentence. */
  readonly fix?: string;
  readonly cause?: unknown;
}

export abstract class ConveyorError extends Error {
  /** Whose move it is: `user` errors are never retried. */
  abstract readonly source: ErrorSource;
  readonly retryable: boolean = false;
  readonly data: Readonly<Record<string, unknown>>;
  readonly fix: string | undefined;

  constructor(message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = new.target.name;
    this.data = details.data ?? {};
    this.fix = details.fix;
  }
}

abstract class UserError extends ConveyorError {
  readonly source = 'user';
}

abstract class SystemError extends ConveyorError {
  readonly source = 'system';
}

abstract class TransientError extends SystemError {
  override readonly retryable = true;
}

/** Input from outside does not have the agreed shape. */
export class InvalidInput extends UserError {}
/** `conveyor.yaml` does not say what it must; carries where and what to write. */
export class InvalidConfiguration extends UserError {}
/** The caller is not who may do this, or nobody at all. */
export class NotAllowed extends UserError {}
/** The thing named does not exist (service, environment, release, promotion). */
export class NotFound extends UserError {}
/** Somebody else's change is in the way; both sides are named in `data`. */
export class Conflict extends UserError {}
/** A policy or a person said no; a final answer, not a failure. */
export class Refused extends UserError {}

/** A gate that had let a promotion through does not any more; nothing was done, and the gates are to be asked again. */
export class GateClosed extends UserError {}

/** The destination's tag already names other bytes; both digests are in `data`. Registries are never overwritten. */
export class DigestConflict extends UserError {}
/** What arrived, or what was read back, is not what the digest promises. */
export class DigestMismatch extends SystemError {}
/** The repository is missing at the destination, or at the source. */
export class RepositoryMissing extends UserError {}
/** The artifact is not (any longer) in its source. */
export class ArtifactMissing extends UserError {}
/** The registry refused for good (4xx); status and its own words are in `data`. */
export class RegistryRefused extends SystemError {}
/** The bucket refused for good (permissions, no such bucket); its own words are in `data`. */
export class StoreRefused extends SystemError {}
/** The registry is throttling, failing or cut the line; worth another try. */
export class RegistryUnavailable extends TransientError {}

/** Too few hosts, or SSM refused for good; its own words are in `data`. */
export class HostsRefused extends SystemError {}
/** Hosts do not run what was promoted; which, and what they run instead, is in the record. */
export class HostsFailed extends SystemError {}
/** The same, and every host that was reached is back on its own version: the promotion ends as rolled back. */
export class HostsRestored extends SystemError {}

/** The manifest is missing in the Ledger, or lacks the key, or is not YAML that can be spliced. */
export class LedgerInvalid extends UserError {}
/** The same key was changed by someone else since it was shown; both values are in `data`. */
export class LedgerConflict extends UserError {}
/** Lost the race for the branch head more often than is plausible; worth another try. */
export class LedgerContended extends TransientError {}
/** The git host is throttling, failing or unreachable; worth another try. */
export class LedgerUnavailable extends TransientError {}
/** The git host refused for good (credentials, permissions, protected branch). */
export class LedgerRefused extends UserError {}

/** A dependency of AWS's did not answer as it must; worth another try. */
export class Unavailable extends TransientError {}
