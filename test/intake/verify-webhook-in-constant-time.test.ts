import crypto from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';
import { afterAll, expect, it, vi } from 'vitest';
import { verifyWebhook } from '../../lambdas/intake/verify-webhook.ts';
import { WEBHOOK_HEADERS } from '../../lambdas/intake/webhook-mac.ts';
import { readWebhookSecret } from '../../lambdas/intake/webhook-secret.ts';
import { signWebhook } from './sign-webhook.ts';

// The real one, listened to: that it decides cannot be seen from outside.
const compared = vi.spyOn(crypto, 'timingSafeEqual');
syncBuiltinESMExports();
afterAll(() => {
  compared.mockRestore();
  syncBuiltinESMExports();
});

const NOW = new Date('2026-01-01T00:00:00.000Z');
const secret = readWebhookSecret(`first:${'x'.repeat(32)}`, '/first');
const body = Buffer.from('{}');
const headers = signWebhook(secret, NOW, body);
const right = headers[WEBHOOK_HEADERS.signature] ?? '';
const last = right.endsWith('0') ? '1' : '0';

it.each([
  ['right', right, 'first', true],
  [
    'wrong in its first digit',
    `v1=${right[3] === '0' ? '1' : '0'}${right.slice(4)}`,
    'first',
    false,
  ],
  ['wrong in its last digit', `${right.slice(0, -1)}${last}`, 'first', false],
  ['wrong everywhere', `v1=${'0'.repeat(64)}`, 'first', false],
  ['right, under a key that nobody has', right, 'nobody', false],
])('compares all 32 bytes of a signature that is %s', (_, signature, key, accepted) => {
  compared.mockClear();
  const timestamp = headers[WEBHOOK_HEADERS.timestamp];
  const verify = () => verifyWebhook({ timestamp, key, signature, body }, [secret], NOW);

  if (accepted) expect(verify().key).toBe('first');
  else expect(verify).toThrow();

  expect(compared.mock.calls.map((sides) => sides.map(({ byteLength }) => byteLength))).toEqual([
    [32, 32],
  ]);
});
