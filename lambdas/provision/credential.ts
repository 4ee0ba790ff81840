import { createHmac } from 'node:crypto';
import * as z from 'zod';
import { EnvironmentName, ServiceName } from '../domain/names.ts';

/**
 * What a service fetches its secrets with, where the instance's role is not to: AWS keys that may read its parameters and
 * nothing else. It names whose it is, so that the file of one service does not serve another.
 */
export const Credential = z.strictObject({
  schema: z.literal(1),
  service: ServiceName,
  environment: EnvironmentName,
  accessKeyId: z.string().regex(/^[A-Za-z0-9_]{16,128}$/),
  secretAccessKey: z.string().regex(/^[A-Za-z0-9+/=]{16,128}$/),
  sessionToken: z
    .string()
    .regex(/^[A-Za-z0-9+/=_-]{16,4096}$/)
    .optional(),
});
export type Credential = z.infer<typeof Credential>;

/** The bytes that are sealed: the same credential, the same bytes. */
export function credentialText(credential: Credential): string {
  const { schema, service, environment, accessKeyId, secretAccessKey, sessionToken } = credential;
  return JSON.stringify({
    schema,
    service,
    environment,
    accessKeyId,
    secretAccessKey,
    ...(sessionToken !== undefined && { sessionToken }),
  });
}

/** What `fingerprintCredential` says: by it a host's record tells whether its credential is still the declared one. */
export const Fingerprint = z
  .string()
  .regex(/^hmac-sha256:[0-9a-f]{64}$/, 'a fingerprint is hmac-sha256: and 64 digits')
  .brand<'Fingerprint'>();
export type Fingerprint = z.infer<typeof Fingerprint>;

/**
 * Ciphertext differs every time, so that it cannot be compared; this can. Keyed, because hosts, plans and records show it,
 * and nobody who sees it may try guesses.
 * @param key At least 32 bytes, secret, the same for all hosts of an environment.
 */
export function fingerprintCredential(credential: Credential, key: Uint8Array): Fingerprint {
  const hmac = createHmac('sha256', key).update(credentialText(credential)).digest('hex');
  return Fingerprint.parse(`hmac-sha256:${hmac}`);
}
