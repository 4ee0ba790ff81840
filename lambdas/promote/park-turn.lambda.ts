import { executions } from '../runtime/executions.ts';
import { makeHandler } from '../runtime/handler.ts';
import { sealer } from '../runtime/sealer.ts';
import { lines } from '../runtime/state.ts';
import { parkTurn } from './park-turn.ts';
import { TokenReference } from './reference.ts';

export const handler = makeHandler(TokenReference, (input) =>
  parkTurn({ lines, sealer, executions }, input),
);
