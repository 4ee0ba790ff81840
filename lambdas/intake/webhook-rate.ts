import { Unavailable } from '../domain/errors.ts';
import type { Clock } from '../ports/clock.ts';
import type { Table } from '../ports/table.ts';

const MINUTE = 60_000;
/** Tries where others count in the same minute; pauses in milliseconds, doubled and jittered. */
const ATTEMPTS = 8;
const FIRST_PAUSE = 5;

interface Counted {
  readonly events: number;
}

/**
 * Counts these events for this key in the current minute. Undefined: they are within the limit. Otherwise the whole
 * seconds until the next minute, and nothing was counted. @throws Unavailable where too many count at once; a table
 * that does not answer throws as well, as nobody may pass uncounted
 */
export async function countWebhookEvents(
  { table, clock }: { readonly table: Table; readonly clock: Clock },
  key: string,
  events: number,
  limit: number,
): Promise<number | undefined> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const now = clock.now().getTime();
    const minute = Math.floor(now / MINUTE);
    const next = (minute + 1) * MINUTE;
    const at = { pk: `W#${key}`, sk: `M#${minute}` };
    const item = await table.get<Counted>(at);
    const value: Counted = { events: (item?.value.events ?? 0) + events };
    if (value.events > limit) return Math.ceil((next - now) / 1_000);
    const ttl = next / 1_000 + 60;
    if (await table.write([{ ...at, expected: item?.version ?? 'absent', value, ttl }]))
      return undefined;
    await clock.sleep(clock.random() * FIRST_PAUSE * 2 ** attempt);
  }
  throw new Unavailable(`The events of key ${key} are being counted by too many at once`, {
    data: { key },
  });
}
