import { createSecretKey } from 'node:crypto';
import { inspect } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InvalidConfiguration, NotAllowed } from '../../lambdas/domain/errors.ts';
import { type SignedWebhook, verifyWebhook } from '../../lambdas/intake/verify-webhook.ts';
import { WEBHOOK_HEADERS } from '../../lambdas/intake/webhook-mac.ts';
import { readWebhookSecret } from '../../lambdas/intake/webhook-secret.ts';
import { signWebhook } from './sign-webhook.ts';

const NOW = new Date('2026-01-01T00:00:00.000Z');
const FIRST = 'correct-horse-battery-staple-00000';
const first = readWebhookSecret(`first:${FIRST}`, '/first');
const second = readWebhookSecret(`second:${'s'.repeat(64)}`, '/second');
const BODY = Buffer.from('{"schema":1}');

function signed(secret = first, at = NOW, body: Uint8Array = BODY): SignedWebhook {
  const headers = signWebhook(secret, at, body);
  return {
    timestamp: headers[WEBHOOK_HEADERS.timestamp],
    key: headers[WEBHOOK_HEADERS.key],
    signature: headers[WEBHOOK_HEADERS.signature],
    body,
  };
}

/** What the refusal says to the sender and to our log. */
function refusal(request: SignedWebhook, secrets = [first, second], now = NOW): [string, unknown] {
  try {
    verifyWebhook(request, secrets, now);
  } catch (error) {
    if (error instanceof NotAllowed) return [error.message, error.data.reason];
    throw error;
  }
  return ['accepted', undefined];
}
const reason = (...args: Parameters<typeof refusal>) => refusal(...args)[1];
const seconds = (n: number) => new Date(NOW.getTime() + n * 1_000);

describe('a signed webhook', () => {
  it('is accepted from who holds the secret, and says who, which request, and until when', () => {
    expect(verifyWebhook(signed(), [first], NOW)).toEqual({
      key: 'first',
      signature: expect.stringMatching(/^[0-9a-f]{64}$/),
      validUntil: new Date('2026-01-01T00:05:00.000Z'),
    });
  });

  it('has the signature that openssl makes', () => {
    // printf 'v1:1767225600:{"schema":1}' | openssl dgst -sha256 -hmac correct-horse-battery-staple-00000
    expect(signed().signature).toBe(
      'v1=93b17c867c6fb4c21a48a69017ba998970a9172bd3ade14486397ea158dff155',
    );
  });

  it('is signed over bytes, whatever they are', () => {
    const body = Uint8Array.of(0, 255, 254, 0xc3, 0x28);

    expect(reason(signed(first, NOW, body))).toBeUndefined();
    expect(reason({ ...signed(first, NOW, body), body: body.slice(1) })).toBe('wrong signature');
  });

  it('is refused in the same words, whatever is wrong', () => {
    const good = signed();
    const signature = good.signature ?? '';
    const wrong: [Partial<SignedWebhook>, string][] = [
      [{ timestamp: undefined }, 'unsigned'],
      [{ key: undefined }, 'unsigned'],
      [{ signature: undefined }, 'unsigned'],
      [{ signature: '' }, 'malformed'],
      [{ signature: signature.slice(3) }, 'malformed'],
      [{ signature: signature.slice(0, -1) }, 'malformed'],
      [{ signature: `${signature}0` }, 'malformed'],
      [{ signature: `${signature},${signature}` }, 'malformed'],
      [{ signature: `v1=${'g'.repeat(64)}` }, 'malformed'],
      [{ signature: signature.toUpperCase().replace('V1', 'v1') }, 'malformed'],
      [{ signature: signature.replace('v1', 'v2') }, 'malformed'],
      [{ signature: `v1=${'0'.repeat(64)}` }, 'wrong signature'],
      [{ timestamp: '' }, 'malformed'],
      [{ timestamp: 'now' }, 'malformed'],
      [{ timestamp: `${good.timestamp}.0` }, 'malformed'],
      [{ timestamp: `-${good.timestamp}` }, 'malformed'],
      [{ timestamp: `0${good.timestamp}` }, 'malformed'],
      [{ timestamp: '1767225601' }, 'wrong signature'],
      [{ timestamp: '1767229200' }, 'future'],
      [{ timestamp: '1767222000' }, 'stale'],
      [{ key: '' }, 'unknown key'],
      [{ key: 'third' }, 'unknown key'],
      [{ key: 'FIRST' }, 'unknown key'],
      [{ key: '__proto__' }, 'unknown key'],
      [{ key: 'second' }, 'wrong signature'],
      [{ body: Buffer.from('{"schema":2}') }, 'wrong signature'],
      [{ body: Buffer.alloc(0) }, 'wrong signature'],
    ];

    const said = wrong.map(([change]) => refusal({ ...good, ...change }));

    expect(said.map(([, why]) => why)).toEqual(wrong.map(([, why]) => why));
    expect(new Set(said.map(([words]) => words)).size).toBe(1);
    expect(said[0]?.[0]).not.toBe('accepted');
  });

  it('is refused where there is no secret at all, even if signed with what stands in for one', () => {
    const standIn = { id: 'nobody', key: createSecretKey(Buffer.alloc(32)) };

    for (const secret of [first, standIn]) expect(reason(signed(secret), [])).toBe('unknown key');
  });

  it.each([
    [-301, 'stale'],
    [-300, undefined],
    [0, undefined],
    [300, undefined],
    [301, 'future'],
  ])('signed %i seconds from now: %s (T12)', (offset, why) => {
    expect(reason(signed(first, seconds(offset)))).toBe(why);
  });

  it('is refused from a millisecond after its five minutes', () => {
    const request = signed();

    expect(reason(request, [first], seconds(300))).toBeUndefined();
    expect(reason(request, [first], new Date(seconds(300).getTime() + 1))).toBe('stale');
  });

  it('is accepted under either of two secrets, and no longer under one that is gone', () => {
    expect(reason(signed(first))).toBeUndefined();
    expect(reason(signed(second))).toBeUndefined();

    expect(reason(signed(first), [second])).toBe('unknown key');
  });

  it('is accepted under either secret of one id, as an overwritten parameter has for a while', () => {
    const renewed = readWebhookSecret(`first:${'n'.repeat(32)}`, '/renewed');

    expect(reason(signed(first), [renewed, first])).toBeUndefined();
    expect(reason(signed(renewed), [renewed, first])).toBeUndefined();
    expect(reason({ ...signed(second), key: 'first' }, [renewed, first])).toBe('wrong signature');
  });

  it('is refused once any one byte of body, timestamp or signature is another', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 1, maxLength: 200 }),
        fc.constantFrom('body', 'timestamp', 'signature'),
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        (body, part, where, by) => {
          const good = signed(first, NOW, body);
          const bytes = part === 'body' ? body.slice() : Buffer.from(good[part] ?? '', 'latin1');
          const at = where % bytes.length;
          bytes[at] = ((bytes[at] ?? 0) + by) % 256;
          const changed = part === 'body' ? bytes : Buffer.from(bytes).toString('latin1');

          expect(reason(good)).toBeUndefined();
          expect(reason({ ...good, [part]: changed })).toBeDefined();
        },
      ),
      { numRuns: 2_000 },
    );
  });
});

describe('a webhook’s secret', () => {
  it('shows nothing of itself to who prints, logs or serialises it (T9)', () => {
    const shown = [inspect(first, { depth: 9, showHidden: true }), JSON.stringify(first)];

    for (const text of shown) {
      expect(text).toContain('first');
      expect(text).not.toContain(FIRST);
      expect(text).not.toContain(Buffer.from(FIRST).toString('hex'));
    }
  });

  it.each([
    ['no id', 'x'.repeat(64)],
    ['an empty id', `:${'x'.repeat(64)}`],
    ['an id with a space', `a b:${'x'.repeat(64)}`],
    ['a secret that is too short', `first:${'x'.repeat(31)}`],
    ['a secret with a line break', `first:${'x'.repeat(32)}\n${'x'.repeat(32)}`],
    ['nothing', ''],
  ])('that has %s is a mistake in the configuration, told without it', (_, text) => {
    const error = (() => {
      try {
        return readWebhookSecret(text, '/conveyor/webhook/first');
      } catch (thrown) {
        return thrown;
      }
    })();

    expect(error).toBeInstanceOf(InvalidConfiguration);
    expect(inspect(error)).toContain('/conveyor/webhook/first');
    expect(inspect(error, { depth: 9 })).not.toContain('xxxx');
  });
});
