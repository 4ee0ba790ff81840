import { clock } from '../runtime/clock.ts';
import { makeHandler } from '../runtime/handler.ts';
import { ledger } from '../runtime/ledger.ts';
import { loadConfig } from '../runtime/load-config.ts';
import { approvals, lines, promotions } from '../runtime/state.ts';
import { checkGates } from './check-gates.ts';
import { Reference } from './reference.ts';

export const handler = makeHandler(Reference, async (ref) => {
  const config = await loadConfig();
  return checkGates({ lines, promotions, approvals, ledger: ledger(config), clock }, config, ref);
});
