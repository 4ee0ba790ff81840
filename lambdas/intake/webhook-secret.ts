import { createSecretKey, type KeyObject } from 'node:crypto';
import { InvalidConfiguration } from '../domain/errors.ts';

/** What both ends hold. The key is opaque, so that whatever logs or serialises this shows none of it. */
export interface WebhookSecret {
  readonly id: string;
  readonly key: KeyObject;
}

/** As `openssl rand -hex 32` has them; anything shorter was typed by somebody. */
const SHORTEST = 32;

/**
 * A secret as the parameter and the worker's binding hold it: `<id>:<secret>`, one text for both ends, so that
 * rotating it deploys nothing. @throws InvalidConfiguration, which names the parameter and nothing of its value
 */
export function readWebhookSecret(text: string, parameter: string): WebhookSecret {
  const [, id, secret = ''] = /^([A-Za-z0-9._-]{1,64}):([!-~]+)$/.exec(text) ?? [];
  if (id === undefined || secret.length < SHORTEST)
    throw new InvalidConfiguration(
      `The secret ${parameter} is not written <id>:<secret>, with at least ${SHORTEST} characters after the colon`,
      {
        data: { name: parameter },
        fix: 'Write an id, a colon, and what `openssl rand -hex 32` prints; the worker gets the same text.',
      },
    );
  return { id, key: createSecretKey(Buffer.from(secret)) };
}
