import { Unavailable } from '../domain/errors.ts';
import type { Bus, BusEvent, Untaken } from '../ports/bus.ts';
import type { Clock } from '../ports/clock.ts';
import { busEventOf, type WebhookBatch } from './webhook-event.ts';

const ATTEMPTS = 3;
/** Milliseconds, doubled and jittered. */
const FIRST_PAUSE = 50;

/**
 * Puts a batch on the bus. What was not taken and may be a moment later is put again, and only that.
 * @throws Unavailable where some were not taken in the end; `data.accepted` of them are on the bus
 */
export async function publishWebhook(
  { bus, clock }: { readonly bus: Bus; readonly clock: Clock },
  { batch, events }: WebhookBatch,
): Promise<number> {
  const lost: Untaken[] = [];
  let left: readonly BusEvent[] = events.map((event) => busEventOf(event, batch));
  for (let attempt = 1; left.length > 0; attempt++) {
    const untaken = await bus.put(left);
    const again = attempt < ATTEMPTS ? untaken.filter(({ retryable }) => retryable) : [];
    lost.push(...untaken.filter((one) => !again.includes(one)));
    left = again.map(({ event }) => event);
    if (left.length > 0) await clock.sleep(clock.random() * FIRST_PAUSE * 2 ** attempt);
  }
  if (lost.length === 0) return events.length;
  const codes = [...new Set(lost.map(({ code }) => code))];
  throw new Unavailable(
    `The bus did not take ${lost.length} of ${events.length} events: ${codes.join(', ')}`,
    { data: { batch, accepted: events.length - lost.length, codes } },
  );
}
