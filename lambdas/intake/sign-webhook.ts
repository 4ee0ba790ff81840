import { createHmac } from 'node:crypto';
import type { WebhookSecret } from './webhook-secret.ts';

export const WEBHOOK_HEADERS = {
  timestamp: 'x-conveyor-timestamp',
  key: 'x-conveyor-key',
  signature: 'x-conveyor-signature',
} as const;

/** The headers that make a body acceptable to `verifyWebhook`, where the protocol is written down. */
export function signWebhook(
  secret: WebhookSecret,
  at: Date,
  body: Uint8Array | string,
): Record<string, string> {
  const timestamp = String(Math.floor(at.getTime() / 1_000));
  return {
    [WEBHOOK_HEADERS.timestamp]: timestamp,
    [WEBHOOK_HEADERS.key]: secret.id,
    [WEBHOOK_HEADERS.signature]: `v1=${webhookMac(secret, timestamp, body).toString('hex')}`,
  };
}

/** 32 bytes. The version goes first, so that no later scheme can be mistaken for this one. */
export function webhookMac(
  secret: Pick<WebhookSecret, 'key'>,
  timestamp: string,
  body: Uint8Array | string,
): Buffer {
  return createHmac('sha256', secret.key).update(`v1:${timestamp}:`).update(body).digest();
}
