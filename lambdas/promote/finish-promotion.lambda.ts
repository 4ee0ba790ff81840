import * as z from 'zod';
import { FinalState } from '../domain/promotion.ts';
import { alarms } from '../runtime/alarms.ts';
import { clock } from '../runtime/clock.ts';
import { executions } from '../runtime/executions.ts';
import { makeHandler } from '../runtime/handler.ts';
import { loadConfig } from '../runtime/load-config.ts';
import { notices } from '../runtime/notices.ts';
import { sealer } from '../runtime/sealer.ts';
import { approvals, lines, promotions } from '../runtime/state.ts';
import { finishPromotion } from './finish-promotion.ts';
import { readFailure } from './read-failure.ts';
import { Reference } from './reference.ts';

const Input = Reference.extend({
  ending: FinalState,
  failure: z
    .object({ step: z.string(), error: z.string(), cause: z.string().optional() })
    .optional(),
});

export const handler = makeHandler(Input, async ({ ending, failure, ...ref }) => {
  const config = await loadConfig();
  const ports = {
    lines,
    promotions,
    approvals,
    executions,
    sealer,
    notices: notices(config),
    alarms,
    clock,
  };
  return finishPromotion(ports, config, ref, ending, failure && readFailure(failure));
});
