import { ingressApp } from '../../lambdas/intake/ingress-app.ts';
import { readWebhookSecret } from '../../lambdas/intake/webhook-secret.ts';
import { FixedClock } from '../fakes/fixed-clock.ts';
import { MemoryBus } from '../fakes/memory-bus.ts';
import { MemoryTable } from '../fakes/memory-table.ts';
import { signWebhook } from './sign-webhook.ts';

const START = '2026-01-01T00:00:10.000Z';
export const SECRET = 'correct-horse-battery-staple-00000';
export const secret = readWebhookSecret(`first:${SECRET}`, '/first');
export const other = readWebhookSecret(`second:${'s'.repeat(40)}`, '/second');
export const ACCOUNT = '3f4b7e3dcab231cbfdaa90a6a28bd548';
export const SHA = '0123456789abcdef0123456789abcdef01234567';

export const upload = (n = 0) => ({
  id: `m${n}`,
  account: ACCOUNT,
  bucket: 'releases',
  key: `payments/${SHA}.tar.gz`,
  size: 65_536,
  etag: 'c846ff7a18f28c2e262116d6e8719ef0',
  action: 'PutObject',
  at: '2025-12-31T23:59:59.379Z',
});
export const uploads = (count: number) => Array.from({ length: count }, (_, n) => upload(n));
export const batchOf = (events: readonly object[], batch = 'b1') =>
  JSON.stringify({ schema: 1, batch, events });
export const ONE = batchOf([upload()]);

/** The ingress over a table and a bus of its own, ten seconds into a minute. */
export function open({ eventsPerMinute = 1_000, secrets = async () => [secret, other] } = {}) {
  const clock = new FixedClock(START);
  const [table, bus] = [new MemoryTable(), new MemoryBus()];
  const noted: [string, Readonly<Record<string, unknown>>][] = [];
  const reported: unknown[] = [];
  const app = ingressApp({
    table,
    bus,
    clock,
    secrets,
    eventsPerMinute,
    note: (...line) => noted.push(line),
    report: (error) => reported.push(error),
  });
  const request = async (init: RequestInit & { duplex?: 'half' }, path = '/r2') =>
    app.request(`https://ingress.example${path}`, init);
  const headers = (body: string, by = secret) => signWebhook(by, clock.now(), body);
  const post = (body: string, by = secret) =>
    request({ method: 'POST', body, headers: headers(body, by) });
  return { app, clock, table, bus, noted, reported, request, headers, post };
}
export const told = async (response: Response) => [response.status, await response.json()];
export const UNSIGNED = [
  401,
  { error: { code: 'NotAllowed', message: 'The request is not signed as it must be' } },
];
export const UNAVAILABLE = { code: 'Unavailable', message: 'Conveyor cannot take this now' };
