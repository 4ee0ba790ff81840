import type { ConveyorConfig } from '../domain/config.ts';
import { personOf } from '../domain/identity.ts';
import type { PersonName } from '../domain/names.ts';
import type { Identity } from './redeem-identity.ts';

/** Who calls, as STS named them, and the person that is. */
export interface Caller extends Identity {
  readonly person?: PersonName;
}

export function callerOf(config: ConveyorConfig, identity: Identity): Caller {
  const person = personOf(config, identity.principal);
  return { ...identity, ...(person !== undefined && { person }) };
}
