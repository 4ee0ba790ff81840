import { Reference } from '../promote/reference.ts';
import { clock } from '../runtime/clock.ts';
import { makeHandler } from '../runtime/handler.ts';
import { ledger } from '../runtime/ledger.ts';
import { loadConfig } from '../runtime/load-config.ts';
import { promotions } from '../runtime/state.ts';
import { landPromotion } from './land-promotion.ts';

export const handler = makeHandler(Reference, async (ref) => {
  const config = await loadConfig();
  await landPromotion({ promotions, ledger: ledger(config), clock }, config, ref);
});
