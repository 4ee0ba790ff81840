import { handle } from 'hono/aws-lambda';
import { executions } from '../runtime/executions.ts';
import { ledger } from '../runtime/ledger.ts';
import { sealer } from '../runtime/sealer.ts';
import { approvals, clock, lines, loadConfig, promotions } from '../runtime/state.ts';
import { decisionApp } from './decision-app.ts';

const app = decisionApp({
  lines,
  promotions,
  approvals,
  clock,
  executions,
  sealer,
  config: loadConfig,
  ledger: {
    read: async (paths, since) => ledger(await loadConfig()).read(paths, since),
    commit: async (change) => ledger(await loadConfig()).commit(change),
  },
});

export const handler = handle(app);
