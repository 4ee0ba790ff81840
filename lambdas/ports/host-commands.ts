import type { InstanceId } from '../domain/rollout.ts';

export interface CommandToSend {
  /** Base64 of the request's JSON: the document's only parameter. */
  readonly request: string;
  readonly instances: readonly InstanceId[];
  /** Names it; at most 100 characters ("SendCommand", `Comment`). */
  readonly comment: string;
  /** Seconds that the script may take. */
  readonly within: number;
}

/** What SSM says of a command on one host; what the host says of itself is in `output`. */
export interface Invocation {
  readonly instance: InstanceId;
  readonly ended: boolean;
  /** SSM's words: Success, Failed, DeliveryTimedOut, Undeliverable, … */
  readonly detail: string;
  readonly output: string;
}

/** Who was sent to; without an id, nobody: none of the hosts is there any more. */
export type Sent =
  | { readonly id: string; readonly to: readonly InstanceId[] }
  | { readonly id?: undefined; readonly to: readonly [] };

/** Run Command in one environment. */
export interface HostCommands {
  /**
   * Sends it once, to those of the hosts that are still there: one that was replaced meanwhile keeps none of the others.
   * @throws Unavailable, HostsRefused
   */
  send(command: CommandToSend): Promise<Sent>;
  /** The one with this comment that was sent since then, if there is one. @throws Unavailable */
  find(comment: string, since: Date): Promise<string | undefined>;
  /** Hosts that SSM does not tell of yet are missing. @throws Unavailable */
  invocations(id: string): Promise<readonly Invocation[]>;
  /** Hosts that have not begun will not. @throws Unavailable */
  cancel(id: string): Promise<void>;
}
