import { Reference } from '../promote/reference.ts';
import { clock } from '../runtime/clock.ts';
import { makeHandler } from '../runtime/handler.ts';
import { ledger } from '../runtime/ledger.ts';
import { loadConfig } from '../runtime/load-config.ts';
import { approvals, lines, promotions, rollouts } from '../runtime/state.ts';
import { landPromotion } from './land-promotion.ts';

export const handler = makeHandler(Reference, async (ref) => {
  const config = await loadConfig();
  const ports = { lines, promotions, approvals, rollouts, ledger: ledger(config), clock };
  await landPromotion(ports, config, ref);
});
