import * as z from 'zod';
import { TokenReference } from '../promote/reference.ts';
import { alarms } from '../runtime/alarms.ts';
import { clock } from '../runtime/clock.ts';
import { readEnv } from '../runtime/env.ts';
import { executions } from '../runtime/executions.ts';
import { makeHandler } from '../runtime/handler.ts';
import { ledger } from '../runtime/ledger.ts';
import { loadConfig } from '../runtime/load-config.ts';
import { notices } from '../runtime/notices.ts';
import { sealer } from '../runtime/sealer.ts';
import { approvals, lines, promotions } from '../runtime/state.ts';
import { requestApproval } from './request-approval.ts';

const env = readEnv({ PAGES_URL: z.url() });

export const handler = makeHandler(TokenReference, async (input) => {
  const config = await loadConfig();
  const ports = {
    lines,
    promotions,
    approvals,
    ledger: ledger(config),
    clock,
    executions,
    sealer,
    notices: notices(config),
    alarms,
  };
  await requestApproval({ ...ports, pages: new URL(env.PAGES_URL) }, config, input);
});
