import { Reference } from '../promote/reference.ts';
import { clock } from '../runtime/clock.ts';
import { makeHandler } from '../runtime/handler.ts';
import { loadConfig } from '../runtime/load-config.ts';
import { promotions } from '../runtime/state.ts';
import { openStore } from '../runtime/stores.ts';
import { copyTarballPromotion } from './copy-tarball-promotion.ts';

export const handler = makeHandler(Reference, async (ref, context) =>
  copyTarballPromotion({ promotions, openStore, clock }, await loadConfig(), ref, () =>
    context.getRemainingTimeInMillis(),
  ),
);
