import { Reference } from '../promote/reference.ts';
import { clock } from '../runtime/clock.ts';
import { openRegistry } from '../runtime/environments.ts';
import { makeHandler } from '../runtime/handler.ts';
import { promotions } from '../runtime/state.ts';
import { copyPromotion } from './copy-promotion.ts';

export const handler = makeHandler(Reference, (ref, context) =>
  copyPromotion({ promotions, openRegistry, clock }, ref, () => context.getRemainingTimeInMillis()),
);
