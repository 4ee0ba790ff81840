import { type Context, Hono } from 'hono';
import { ConveyorError, InvalidInput, NotAllowed, Unavailable } from '../domain/errors.ts';
import type { Bus } from '../ports/bus.ts';
import type { Clock } from '../ports/clock.ts';
import type { Table } from '../ports/table.ts';
import { verifyWebhook } from './verify-webhook.ts';
import { LARGEST_BODY, readWebhookBody } from './webhook-body.ts';
import { readWebhook } from './webhook-event.ts';
import { WEBHOOK_HEADERS } from './webhook-mac.ts';
import { publishWebhook } from './webhook-publish.ts';
import { countWebhookEvents } from './webhook-rate.ts';
import { findReplay, rememberWebhook } from './webhook-replay.ts';
import type { WebhookSecret } from './webhook-secret.ts';

export interface IngressPorts {
  readonly table: Table;
  readonly bus: Bus;
  readonly clock: Clock;
  /** One, or two while they are rotated. */
  readonly secrets: () => Promise<readonly WebhookSecret[]>;
  /** For each key; at least 100, as a batch may have so many. */
  readonly eventsPerMinute: number;
  /** What was refused or published, for the log; no secret, no signature. */
  readonly note: (what: string, facts: Readonly<Record<string, unknown>>) => void;
  readonly report: (error: unknown) => void;
}

/**
 * The door for who cannot put events on the bus itself; `verifyWebhook` has the protocol. What is answered 200 is on
 * the bus and remembered. Whatever goes wrong here is answered 503, so that the sender's queue keeps it.
 */
export function ingressApp(ports: IngressPorts): Hono {
  const app = new Hono();
  app.onError((error, c) => answer(c, ports, error));
  app.use(async (c, next) => {
    await next();
    c.header('cache-control', 'no-store');
  });
  app.post('/r2', (c) => take(c, ports));
  app.all('*', (c) => c.json(problem('NotFound', 'Uploads are told by POST to /r2'), 404));
  return app;
}

async function take(c: Context, ports: IngressPorts): Promise<Response> {
  const body = await readWebhookBody(c.req.raw);
  if (body === undefined)
    return c.json(problem('TooLarge', `The body is larger than ${LARGEST_BODY} bytes`), 413);
  const webhook = verifyWebhook(
    {
      timestamp: c.req.header(WEBHOOK_HEADERS.timestamp),
      key: c.req.header(WEBHOOK_HEADERS.key),
      signature: c.req.header(WEBHOOK_HEADERS.signature),
      body,
    },
    await ports.secrets(),
    ports.clock.now(),
  );
  const batch = readWebhook(body);
  const events = batch.events.length;
  const facts = { key: webhook.key, batch: batch.batch, events };

  const before = await findReplay(ports.table, webhook);
  if (before !== undefined) {
    ports.note('replayed', facts);
    return c.json({ accepted: before, replayed: true });
  }
  const wait = await countWebhookEvents(ports, webhook.key, events, ports.eventsPerMinute);
  if (wait !== undefined) {
    ports.note('too many', facts);
    c.header('retry-after', String(wait));
    const words = `Key ${webhook.key} may send ${ports.eventsPerMinute} events a minute`;
    return c.json(problem('TooMany', words), 429);
  }
  const accepted = await publishWebhook(ports, batch);
  try {
    await rememberWebhook(ports.table, webhook, accepted);
  } catch (cause) {
    // Only what is remembered is answered 200; the events come again, and intake knows them.
    throw new Unavailable('The events are on the bus, but the table did not keep that they are', {
      cause,
      data: { batch: batch.batch, accepted },
    });
  }
  ports.note('published', facts);
  return c.json({ accepted, replayed: false });
}

function answer(c: Context, ports: IngressPorts, error: unknown): Response {
  if (error instanceof NotAllowed) {
    ports.note('refused', error.data);
    return c.json(problem(error.name, error.message), 401);
  }
  if (error instanceof InvalidInput) {
    ports.note('not understood', error.data);
    const { error: told } = problem(error.name, error.message);
    return c.json({ error: { ...told, fields: error.data.fields } }, 400);
  }
  ports.report(error);
  const accepted = error instanceof ConveyorError ? (error.data.accepted ?? 0) : 0;
  return c.json({ ...problem('Unavailable', 'Conveyor cannot take this now'), accepted }, 503);
}

function problem(code: string, message: string) {
  return { error: { code, message } };
}
