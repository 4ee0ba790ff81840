import * as z from 'zod';
import { makeHandler } from '../runtime/handler.ts';
import { loadConfig } from '../runtime/load-config.ts';
import { planSweep } from './plan-sweep.ts';

export const handler = makeHandler(z.object({}), async () => planSweep(await loadConfig()));
