import * as z from 'zod';
import { EnvironmentName, ServiceName } from '../domain/names.ts';
import { clock } from '../runtime/clock.ts';
import { executions } from '../runtime/executions.ts';
import { makeHandler } from '../runtime/handler.ts';
import { ledger } from '../runtime/ledger.ts';
import { loadConfig } from '../runtime/load-config.ts';
import { alarms, notices } from '../runtime/notices.ts';
import { sealer } from '../runtime/sealer.ts';
import { approvals, lines, promotions } from '../runtime/state.ts';
import { mendLine } from './mend-line.ts';

const Input = z.object({ service: ServiceName, environment: EnvironmentName });

export const handler = makeHandler(Input, async ({ service, environment }) => {
  const config = await loadConfig();
  const ports = {
    lines,
    promotions,
    approvals,
    executions,
    sealer,
    alarms,
    clock,
    ledger: ledger(config),
    notices: notices(config),
  };
  return mendLine(ports, config, service, environment);
});
