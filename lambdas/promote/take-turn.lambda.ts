import { clock } from '../runtime/clock.ts';
import { makeHandler } from '../runtime/handler.ts';
import { lines, promotions } from '../runtime/state.ts';
import { Reference } from './reference.ts';
import { takeTurn } from './take-turn.ts';

export const handler = makeHandler(Reference, (ref) => takeTurn({ lines, promotions, clock }, ref));
