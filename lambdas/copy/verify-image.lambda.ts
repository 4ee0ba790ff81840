import { Reference } from '../promote/reference.ts';
import { openRegistry } from '../runtime/environments.ts';
import { makeHandler } from '../runtime/handler.ts';
import { clock, promotions } from '../runtime/state.ts';
import { verifyPromotion } from './verify-promotion.ts';

export const handler = makeHandler(Reference, (ref) =>
  verifyPromotion({ promotions, openRegistry, clock }, ref),
);
