import { Reference } from '../promote/reference.ts';
import { clock } from '../runtime/clock.ts';
import { openEnvironmentStore as openStore } from '../runtime/environment-store.ts';
import { makeHandler } from '../runtime/handler.ts';
import { promotions } from '../runtime/state.ts';
import { verifyTarballPromotion } from './verify-tarball-promotion.ts';

export const handler = makeHandler(Reference, (ref) =>
  verifyTarballPromotion({ promotions, openStore, clock }, ref),
);
