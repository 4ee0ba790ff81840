import type { UnitOptions } from '../domain/provisioning.ts';
import type { Descriptor } from './descriptor.ts';

/** What a service's hosts are to have, as `conveyor.yaml` and the stack say it; code is no part of it, nor is its credential. */
export interface DeclaredService {
  /** Also says which service, in which environment. */
  readonly descriptor: Descriptor;
  readonly unit: UnitOptions;
  /** The content of the bootstrap, the same for all services. */
  readonly bootstrap: string;
}
