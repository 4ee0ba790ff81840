import { createHash } from 'node:crypto';
import type { Key, Table } from '../ports/table.ts';
import type { VerifiedWebhook } from './verify-webhook.ts';

/** Seconds beyond the signature's own validity; after it, its age alone refuses it. */
const MARGIN = 60;

interface Accepted {
  readonly accepted: number;
}

/** How many events this very request brought when it came before, or undefined. */
export async function findReplay(
  table: Table,
  webhook: VerifiedWebhook,
): Promise<number | undefined> {
  return (await table.get<Accepted>(keyOf(webhook)))?.value.accepted;
}

/**
 * Keeps the request in mind as long as its signature is valid. Called after its events were put on the bus, never
 * before: who died in between would have lost them, while now they are put again when the queue sends them again, and
 * intake does not mind the second. The same request twice at the same moment puts them twice for the same reason; of
 * the two, one writes here.
 */
export async function rememberWebhook(
  table: Table,
  webhook: VerifiedWebhook,
  accepted: number,
): Promise<void> {
  const value: Accepted = { accepted };
  const ttl = Math.ceil(webhook.validUntil.getTime() / 1_000) + MARGIN;
  await table.write([{ ...keyOf(webhook), expected: 'absent', value, ttl }]);
}

function keyOf({ key, signature }: VerifiedWebhook): Key {
  const hash = createHash('sha256').update(`conveyor webhook ${key} ${signature}`).digest('hex');
  return { pk: `N#${hash}`, sk: 'N' };
}
