import * as z from 'zod';
import { EnvironmentName, ServiceName } from '../domain/names.ts';
import type { PromotionRef } from '../ports/releases.ts';
import { alarms } from '../runtime/alarms.ts';
import { clock } from '../runtime/clock.ts';
import { executions } from '../runtime/executions.ts';
import { makeHandler } from '../runtime/handler.ts';
import { openCommands } from '../runtime/host-commands.ts';
import { ledger } from '../runtime/ledger.ts';
import { loadConfig } from '../runtime/load-config.ts';
import { notices } from '../runtime/notices.ts';
import { sealer } from '../runtime/sealer.ts';
import { approvals, lines, promotions, rollouts } from '../runtime/state.ts';
import { mendLine } from './mend-line.ts';

const Input = z.object({ service: ServiceName, environment: EnvironmentName });

export const handler = makeHandler(Input, async ({ service, environment }) => {
  const config = await loadConfig();
  const ports = {
    lines,
    promotions,
    approvals,
    rollouts,
    executions,
    sealer,
    alarms,
    clock,
    ledger: ledger(config),
    notices: notices(config),
    openCommands: async (ref: PromotionRef) =>
      (await openCommands(config, ref, ref.promotion)).commands,
  };
  return mendLine(ports, config, service, environment);
});
