import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import worker from '../src/index.ts';
import type { Env, Message } from '../src/platform.ts';
import { retryDelay } from '../src/retry-delay.ts';
import { settings } from './settings.ts';

const { consumer, producer } = settings;
const FROM = Number(settings.vars.RETRY_FROM_SECONDS);
const HOUR = 3_600;
/** The retention of a queue on the smallest plan, in seconds; a message that gets so old is deleted, not buried. */
const RETENTION = 24 * HOUR;

/** Seconds from the first try to the last. */
function longest(random: number, wait?: number): number {
  const attempts = Array.from({ length: consumer.max_retries }, (_, n) => n + 1);
  return attempts.reduce(
    (sum, n) => sum + retryDelay({ attempts: n, from: FROM, wait, random }),
    0,
  );
}

describe('the wait before a retry', () => {
  it.each([
    [1, 5],
    [2, 10],
    [3, 20],
    [7, 320],
    [8, 600],
    [100, 600],
  ])('after try %i is %i seconds, up to a quarter more', (attempts, seconds) => {
    expect(retryDelay({ attempts, from: 5, random: 0 })).toBe(seconds);
    expect(retryDelay({ attempts, from: 5, random: 0.999_999 })).toBeLessThanOrEqual(
      seconds * 1.25,
    );
  });

  it('is as long as the other side asks, up to ten minutes, and never shorter than its own', () => {
    expect(retryDelay({ attempts: 1, from: 5, wait: 49, random: 0 })).toBe(49);
    expect(retryDelay({ attempts: 6, from: 5, wait: 49, random: 0 })).toBe(160);
    expect(retryDelay({ attempts: 1, from: 5, wait: 999_999, random: 0 })).toBe(600);
  });

  it('adds up to more than fifteen hours, by the settings that ship', () => {
    // 5 + 10 + 20 + 40 + 80 + 160 + 320 + 93 × 600
    expect(longest(0)).toBe(635 + 93 * 600);
    expect(longest(0)).toBeGreaterThan(15 * HOUR);
  });

  it('adds up to less than the retention: what is given up is buried, not deleted', () => {
    const between = consumer.max_retries * consumer.max_batch_timeout;

    expect(longest(1, 999_999) + between).toBeLessThan(RETENTION - HOUR);
  });
});

it('ships with dead letters that are the same queue for the worker and for Cloudflare', () => {
  expect(producer.queue).toBe(consumer.dead_letter_queue);
  expect(settings.bucket.bucket_name).toBe(settings.vars.BUCKET);
  expect(settings.secrets.required).toEqual(['INGRESS_SECRET']);
  expect(Object.keys(settings.vars)).not.toContain('INGRESS_SECRET');
});

describe('an ingress that is down', () => {
  let stop = async () => {};
  afterEach(() => stop());

  /** A queue whose time is counted and not waited for, before a real server that is down until that second. */
  async function play(uploads: number, upAt: number) {
    let now = 0;
    const told: { readonly id: string; readonly at: number }[] = [];
    const deadLetters: { readonly body: unknown; readonly at: number }[] = [];
    const server = createServer(async (request, response) => {
      if (now < upAt) return request.socket.destroy();
      let text = '';
      for await (const chunk of request) text += chunk;
      const { events } = JSON.parse(text) as { events: { id: string }[] };
      told.push(...events.map(({ id }) => ({ id, at: now })));
      return response.end(JSON.stringify({ accepted: events.length, replayed: false }));
    });
    await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
    stop = async () => {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    };
    const bury = async (body: unknown) => deadLetters.push({ body, at: now });
    const env: Env = {
      INGRESS_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}/r2`,
      INGRESS_SECRET: `first:${'x'.repeat(64)}`,
      BUCKET: 'releases',
      RETRY_FROM_SECONDS: String(FROM),
      RELEASES: {
        head: async () => ({ size: 1, etag: 'e', uploaded: new Date(0), checksums: {} }),
      },
      DEAD_LETTERS: { send: bury },
    };

    let waiting = Array.from({ length: uploads }, (_, n) => ({
      id: `m${n}`,
      attempts: 1,
      due: n,
      body: {
        account: '0'.repeat(32),
        action: 'PutObject',
        bucket: 'releases',
        object: { key: `payments/${String(n).padStart(40, '0')}.tar.gz` },
      },
    }));
    while (waiting.length > 0) {
      waiting.sort((a, b) => a.due - b.due);
      now = Math.max(now, waiting[0]?.due ?? 0);
      const due = waiting.filter(({ due }) => due <= now).slice(0, consumer.max_batch_size);
      const settled = new Map<string, number | 'acknowledged'>();
      const messages = due.map(
        (one): Message => ({
          ...one,
          ack: () => settled.set(one.id, 'acknowledged'),
          retry: (options) => settled.set(one.id, options?.delaySeconds ?? consumer.retry_delay),
        }),
      );
      await worker.queue({ messages }, env);
      waiting = waiting.filter((one) => !due.includes(one));
      for (const one of due) {
        const delay = settled.get(one.id);
        if (delay === 'acknowledged') continue;
        if (delay === undefined) throw new Error(`${one.id} was neither acknowledged nor retried`);
        if (one.attempts > consumer.max_retries) await bury(one.body);
        else waiting.push({ ...one, attempts: one.attempts + 1, due: now + delay });
      }
    }
    return { told, deadLetters };
  }

  it('for an hour loses nothing, and has all of it within thirteen minutes', async () => {
    const { told, deadLetters } = await play(40, HOUR);

    expect(new Set(told.map(({ id }) => id)).size).toBe(40);
    expect(told).toHaveLength(40);
    expect(Math.max(...told.map(({ at }) => at))).toBeLessThan(HOUR + 13 * 60);
    expect(deadLetters).toEqual([]);
  });

  it('for days leaves every upload among the dead letters, before its time is up', async () => {
    const { told, deadLetters } = await play(2, 7 * RETENTION);

    expect(told).toEqual([]);
    expect(deadLetters).toHaveLength(2);
    for (const { at } of deadLetters) {
      expect(at).toBeGreaterThan(15 * HOUR);
      expect(at).toBeLessThan(RETENTION);
    }
  });
});
