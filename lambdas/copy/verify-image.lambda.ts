import { Reference } from '../promote/reference.ts';
import { clock } from '../runtime/clock.ts';
import { openRegistry } from '../runtime/environments.ts';
import { makeHandler } from '../runtime/handler.ts';
import { promotions } from '../runtime/state.ts';
import { verifyPromotion } from './verify-promotion.ts';

export const handler = makeHandler(Reference, (ref) =>
  verifyPromotion({ promotions, openRegistry, clock }, ref),
);
