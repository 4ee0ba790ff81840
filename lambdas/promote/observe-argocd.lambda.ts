import { deployments } from '../runtime/argocd.ts';
import { clock } from '../runtime/clock.ts';
import { makeHandler } from '../runtime/handler.ts';
import { loadConfig } from '../runtime/load-config.ts';
import { promotions } from '../runtime/state.ts';
import { observePromotion } from './observe-promotion.ts';
import { Reference } from './reference.ts';

export const handler = makeHandler(Reference, async (ref) => {
  const config = await loadConfig();
  await observePromotion(
    { promotions, deployments: await deployments(config), clock },
    config,
    ref,
  );
});
