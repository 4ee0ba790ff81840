import { WEBHOOK_HEADERS, webhookMac } from '../../lambdas/intake/webhook-mac.ts';
import type { WebhookSecret } from '../../lambdas/intake/webhook-secret.ts';

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
