import { createHmac } from 'node:crypto';
import type { WebhookSecret } from './webhook-secret.ts';

export const WEBHOOK_HEADERS = {
  timestamp: 'x-conveyor-timestamp',
  key: 'x-conveyor-key',
  signature: 'x-conveyor-signature',
} as const;

/** 32 bytes. The version goes first, so that no later scheme can be mistaken for this one. */
export function webhookMac(
  secret: Pick<WebhookSecret, 'key'>,
  timestamp: string,
  body: Uint8Array | string,
): Buffer {
  return createHmac('sha256', secret.key).update(`v1:${timestamp}:`).update(body).digest();
}
