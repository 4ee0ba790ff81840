import { createSecretKey, timingSafeEqual } from 'node:crypto';
import { NotAllowed } from '../domain/errors.ts';
import { webhookMac } from './webhook-mac.ts';
import type { WebhookSecret } from './webhook-secret.ts';

/** Seconds that the clocks of sender and receiver may differ, either way. */
const SKEW = 300;
/** What an unknown key is compared with, so that it takes as long as a known one. It never decides. */
const DECOY = { key: createSecretKey(Buffer.alloc(32)) };

export interface SignedWebhook {
  /** The three headers as received. */
  readonly timestamp: string | undefined;
  readonly key: string | undefined;
  readonly signature: string | undefined;
  /** The bytes as received; nothing may have parsed them. */
  readonly body: Uint8Array;
}

export interface VerifiedWebhook {
  /** The id of the secret that signed it. */
  readonly key: string;
  /** 64 hex digits: names this very request. */
  readonly signature: string;
  /** From then on the same request is stale. */
  readonly validUntil: Date;
}

/** What was wrong, for our log alone. */
type Reason = 'unsigned' | 'malformed' | 'stale' | 'future' | 'unknown key' | 'wrong signature';

/**
 * Whether a request to the ingress comes from who holds one of the secrets, and is of now.
 *
 * The protocol, version 1. One POST to `/r2`:
 * - body: UTF-8 JSON `{ "schema": 1, "batch": id, "events": [{ id, account, bucket, key, size, etag, action, at }] }`
 *   with 1 to 100 events (`sha256` where R2 knows it), at most 256 KiB; fields in `webhook-event.ts`;
 * - `x-conveyor-timestamp`: when it was signed, epoch seconds, ten digits;
 * - `x-conveyor-key`: the id of the secret;
 * - `x-conveyor-signature`: `v1=` and the lower-case hex HMAC-SHA256, keyed by the secret, over `v1:` + timestamp +
 *   `:` + the raw body.
 *
 * Two secrets may hold at once, for rotation. The timestamp may be 300 seconds off. Answers: 200
 * `{ accepted, replayed }`; 400 with `error.fields` for a signed body of another shape; 401, always the same words; 413
 * too large; 429 with Retry-After; 503 `{ error, accepted }`, to be sent again, whole. Events arrive at least once: what
 * takes them in must not mind the second.
 *
 * @throws NotAllowed with one and the same message whatever was wrong; `data.reason` is for the log
 */
export function verifyWebhook(
  request: SignedWebhook,
  secrets: readonly WebhookSecret[],
  now: Date,
): VerifiedWebhook {
  const { timestamp, key, signature } = request;
  if (timestamp === undefined || key === undefined || signature === undefined)
    throw refused('unsigned');
  const hex = /^v1=([0-9a-f]{64})$/.exec(signature)?.[1];
  if (hex === undefined || !/^\d{10}$/.test(timestamp)) throw refused('malformed');
  const ahead = Number(timestamp) * 1_000 - now.getTime();
  if (Math.abs(ahead) > SKEW * 1_000) throw refused(ahead < 0 ? 'stale' : 'future');

  const known = secrets.filter(({ id }) => id === key);
  const given = Buffer.from(hex, 'hex');
  // All are compared, found or not.
  const equal = (known.length > 0 ? known : [DECOY]).map((secret) =>
    timingSafeEqual(webhookMac(secret, timestamp, request.body), given),
  );
  if (known.length === 0) throw refused('unknown key');
  if (!equal.includes(true)) throw refused('wrong signature');
  return {
    key,
    signature: hex,
    validUntil: new Date((Number(timestamp) + SKEW) * 1_000),
  };
}

function refused(reason: Reason): NotAllowed {
  return new NotAllowed('The request is not signed as it must be', { data: { reason } });
}
