import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { verifyWebhook } from '../../../lambdas/intake/verify-webhook.ts';
import { readWebhookSecret } from '../../../lambdas/intake/webhook-secret.ts';
import worker from '../src/index.ts';
import type { Env, Message } from '../src/platform.ts';
import { readNotification } from '../src/read-notification.ts';
import { sign } from '../src/sign.ts';

const SHA = '0123456789abcdef0123456789abcdef01234567';
const KEY = `payments/${SHA}.tar.gz`;
const SECRET = 'first:correct-horse-battery-staple-00000';
const message = (more: object = {}) => ({
  account: '3f4b7e3dcab231cbfdaa90a6a28bd548',
  action: 'PutObject',
  bucket: 'releases',
  object: { key: KEY, size: 1, eTag: 'e' },
  eventTime: '2026-05-24T19:36:44.379Z',
  ...more,
});

afterEach(() => vi.restoreAllMocks());

/** All is well, but nobody listens. */
const environment = (): Env => ({
  INGRESS_URL: 'https://127.0.0.1:1/r2',
  INGRESS_SECRET: SECRET,
  BUCKET: 'releases',
  RELEASES: {
    head: async () => ({ size: 1, etag: 'e', uploaded: new Date(0), checksums: {} }),
  },
  DEAD_LETTERS: { send: async () => {} },
});

describe('a notification', () => {
  it.each(['PutObject', 'CompleteMultipartUpload', 'CopyObject'])(
    'of %s is an upload',
    (action) => {
      expect(readNotification(message({ action }), 'releases')).toEqual({
        upload: { account: '3f4b7e3dcab231cbfdaa90a6a28bd548', key: KEY, action },
      });
    },
  );

  it.each(['DeleteObject', 'LifecycleDeletion', 'putobject', ''])('of %j is ignored', (action) => {
    expect(readNotification(message({ action }), 'releases')).toEqual({
      ignored: `action ${action}`,
    });
  });

  it.each([
    `p-2/${'a'.repeat(64)}.tar.gz`,
    'payments/latest.tar.gz',
    `payments/../${SHA}.tar.gz`,
    `payments/${SHA}.tar.gz\n`,
    '',
  ])('about %j is an upload: which key is a release’s is for Conveyor to say', (key) => {
    expect(readNotification(message({ object: { key } }), 'releases')).toHaveProperty(
      'upload.key',
      key,
    );
  });

  it('of another bucket, or of another shape altogether, is odd; none makes it throw', () => {
    expect(readNotification(message({ bucket: 'other' }), 'releases')).toHaveProperty('odd');
    fc.assert(
      fc.property(fc.anything(), (anything) => {
        expect(readNotification(anything, 'releases')).toHaveProperty('odd');
      }),
    );
  });
});

describe('a signature', () => {
  it('made by the worker is the one that Conveyor checks, whatever the bytes', async () => {
    const now = new Date('2026-01-01T00:00:00.000Z');
    const secrets = [readWebhookSecret(SECRET, 'test')];

    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 500 }), async (bytes) => {
        const body = Uint8Array.from(bytes);
        const headers = await sign(SECRET, now, body);
        const request = {
          timestamp: headers['x-conveyor-timestamp'],
          key: headers['x-conveyor-key'],
          signature: headers['x-conveyor-signature'],
          body,
        };
        expect(verifyWebhook(request, secrets, now).key).toBe('first');
      }),
    );
  });

  it('takes the secret as it was pasted, with a line break', async () => {
    const [now, body] = [new Date(0), new Uint8Array(3)];

    expect(await sign(`${SECRET}\n`, now, body)).toEqual(await sign(SECRET, now, body));
  });

  it.each(['', 'first', 'first:short', `:${'x'.repeat(40)}`])(
    'is not made with %j',
    async (secret) => {
      const signing = sign(secret, new Date(), new Uint8Array());

      await expect(signing).rejects.toThrow('INGRESS_SECRET is not written <id>:<secret>');
    },
  );
});

describe('a worker that is set up wrong', () => {
  /** What became of one message. */
  async function handle(env: Partial<Env>): Promise<{ ended: unknown[]; logged: string }> {
    const ended: unknown[] = [];
    const lines = vi.spyOn(console, 'log').mockImplementation(() => {});
    const one: Message = {
      id: 'm1',
      attempts: 1,
      body: message(),
      ack: () => ended.push('acknowledged'),
      retry: (options) => ended.push(options),
    };
    await worker.queue({ messages: [one] }, { ...environment(), ...env });
    return { ended, logged: JSON.stringify(lines.mock.calls) };
  }
  const RETRIED = [{ delaySeconds: expect.toSatisfy((n: number) => n >= 5 && n <= 6) }];

  it.each<[string, Partial<Env>]>([
    ['nobody listens', {}],
    ['the URL is none', { INGRESS_URL: 'ingress' }],
    ['the URL is not https', { INGRESS_URL: 'http://ingress.example/r2' }],
    ['the secret has no id', { INGRESS_SECRET: SECRET.slice(6) }],
    ['the secret is not there', { INGRESS_SECRET: undefined as never }],
    ['the first wait is no number', { RETRY_FROM_SECONDS: 'soon' }],
    ['the first wait is nothing', { RETRY_FROM_SECONDS: '0' }],
    ['R2 does not answer', { RELEASES: { head: () => Promise.reject(new Error('10001')) } }],
    [
      'neither bucket nor dead letters are what they should be',
      { BUCKET: 'other', DEAD_LETTERS: { send: () => Promise.reject(new Error('no queue')) } },
    ],
  ])('keeps the message where %s, and its secret to itself', async (_, env) => {
    const { ended, logged } = await handle(env);

    expect(ended).toEqual(RETRIED);
    expect(logged).toContain('retried');
    expect(logged).not.toContain('correct-horse');
  });

  it('keeps the message among the dead letters where the bucket is another one', async () => {
    const buried: unknown[] = [];

    const { ended, logged } = await handle({
      RELEASES: { head: async () => null },
      DEAD_LETTERS: { send: async (body) => buried.push(body) },
    });

    expect(ended).toEqual(['acknowledged']);
    expect(buried).toEqual([message()]);
    expect(logged).toContain('no such object');
  });
});

describe('a message that is no JSON', () => {
  const circle: Record<string, unknown> = message({ action: 'DeleteObject' });
  circle.self = circle;

  it.each([
    ['with a large integer', message({ action: 'DeleteObject', more: 1n })],
    ['that holds itself', circle],
  ])('%s ends by itself, and does not take along what came with it', async (_, body) => {
    const ended: string[] = [];
    vi.spyOn(console, 'log').mockImplementation(() => {});
    const of = (id: string, what: unknown): Message => ({
      id,
      attempts: 1,
      body: what,
      ack: () => ended.push(`${id} acknowledged`),
      retry: () => ended.push(`${id} retried`),
    });

    await worker.queue({ messages: [of('poison', body), of('upload', message())] }, environment());

    expect(ended.sort()).toEqual(['poison acknowledged', 'upload retried']);
  });
});
