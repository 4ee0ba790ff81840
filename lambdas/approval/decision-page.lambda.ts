import { handle } from 'hono/aws-lambda';
import { clock } from '../runtime/clock.ts';
import { executions } from '../runtime/executions.ts';
import { logger } from '../runtime/handler.ts';
import { ledger } from '../runtime/ledger.ts';
import { loadConfig } from '../runtime/load-config.ts';
import { sealer } from '../runtime/sealer.ts';
import { approvals, lines, promotions } from '../runtime/state.ts';
import { decisionApp } from './decision-app.ts';

const app = decisionApp({
  lines,
  promotions,
  approvals,
  clock,
  executions,
  sealer,
  config: loadConfig,
  report: (error) =>
    logger.error('The decision page failed', {
      error: error instanceof Error ? error : new Error(String(error)),
    }),
  ledger: {
    read: async (paths, since) => ledger(await loadConfig()).read(paths, since),
    commit: async (change) => ledger(await loadConfig()).commit(change),
  },
});

export const handler = handle(app);
