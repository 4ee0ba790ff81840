import type { ConveyorConfig } from '../domain/config.ts';
import type { Caller } from './caller.ts';

/** What a request of the API carries on its way. */
export interface Env {
  Variables: { caller: Caller; config: ConveyorConfig };
  Bindings: { event?: { requestContext?: { authorizer?: { iam?: { userArn?: string } } } } };
}
