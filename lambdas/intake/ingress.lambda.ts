import { handle } from 'hono/aws-lambda';
import * as z from 'zod';
import { EventBridgeBus } from '../adapters/eventbridge-bus.ts';
import { clock } from '../runtime/clock.ts';
import { readEnv } from '../runtime/env.ts';
import { logger } from '../runtime/handler.ts';
import { secret } from '../runtime/ssm.ts';
import { table } from '../runtime/state.ts';
import { ingressApp } from './ingress-app.ts';
import { readWebhookSecret } from './webhook-secret.ts';

const env = readEnv({
  EVENT_BUS_NAME: z.string().min(1),
  /** Names of SSM parameters, with commas between. A second is there while the secret is rotated. */
  WEBHOOK_SECRET_PARAMETERS: z.string().min(1),
  WEBHOOK_EVENTS_PER_MINUTE: z.coerce.number().int().min(100),
});
const parameters = env.WEBHOOK_SECRET_PARAMETERS.split(',');

const app = ingressApp({
  table,
  clock,
  bus: new EventBridgeBus(env.EVENT_BUS_NAME),
  secrets: () =>
    Promise.all(parameters.map(async (name) => readWebhookSecret(await secret(name), name))),
  eventsPerMinute: env.WEBHOOK_EVENTS_PER_MINUTE,
  note: (what, facts) => logger.info(`Webhook ${what}`, { ...facts }),
  report: (error) =>
    logger.error('The ingress failed', {
      error: error instanceof Error ? error : new Error(String(error)),
    }),
});

export const handler = handle(app);
