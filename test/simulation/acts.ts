import type { Changes } from '../promote/shop.ts';
import type { CutAct, HostAct } from './draw-fleets.ts';
import type { ProvisionAct } from './draw-provision.ts';
import type { UploadAct } from './upload-trouble.ts';
import type { Says } from './world/uploads.ts';

/** What somebody or something does, at a moment of the scenario. */
export type Act =
  | {
      readonly do: 'push';
      readonly service: string;
      readonly version: string;
      /** How the registry or the bucket tells of it. */
      readonly event: 'once' | 'twice' | 'late' | 'never';
      /** What a tarball's metadata says of its digest. @default 'true' */
      readonly says?: Says;
    }
  /** A tag that is no release, or one that was moved to other bytes. */
  | { readonly do: 'odd push'; readonly service: string; readonly tag: string }
  | {
      readonly do: 'ask';
      readonly service: string;
      readonly environment: string;
      readonly by: string;
      readonly kind: 'promotion' | 'rollback';
      readonly version?: string;
      /** Sent so often, with one request id. */
      readonly times: number;
    }
  | {
      readonly do: 'edit';
      readonly environment: string;
      readonly service: string;
      readonly what: 'replicas' | 'tag';
    }
  | { readonly do: 'policy'; readonly environment: string; readonly change: Changes[string] }
  | { readonly do: 'stop'; readonly which: number; readonly redrive: boolean }
  | { readonly do: 'wake'; readonly which: number }
  | {
      readonly do: 'vote';
      readonly by: string;
      readonly which: number;
      readonly decision: 'approve' | 'reject';
    }
  | {
      readonly do: 'taint';
      readonly environment: string;
      readonly service: string;
      readonly version: string;
    }
  | { readonly do: 'sweep' }
  | HostAct
  | CutAct
  | ProvisionAct
  | UploadAct;

export interface Moment {
  /** Milliseconds from the start. */
  readonly at: number;
  /** Or at the `nth` call of a port's method (of any, for `*`), whichever is first. */
  readonly on?: { readonly call: string; readonly nth: number };
  readonly act: Act;
}
