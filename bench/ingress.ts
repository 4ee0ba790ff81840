import { verifyWebhook } from '../lambdas/intake/verify-webhook.ts';
import { readWebhook } from '../lambdas/intake/webhook-event.ts';
import { readWebhookSecret } from '../lambdas/intake/webhook-secret.ts';
import { signWebhook } from '../test/intake/sign-webhook.ts';
import { conditions, median, runsFrom, say, table } from './support/report.ts';

const runs = runsFrom(9, 50);
/** Events of one run; the first run warms up and is not counted. */
const EVENTS = 20_000;
/** Events a second; a queue's throughput is above it, a team's uploads are far below. */
const GOAL = 2_000;
const NOW = new Date('2026-01-01T00:00:00.000Z');
const secrets = ['first', 'second'].map((id) =>
  readWebhookSecret(`${id}:${'x'.repeat(64)}`, `/bench/${id}`),
);

say(`# Ingress

Verifying the signature of a request and parsing its body, one after the other in one process on one core: ${runs} runs of
${EVENTS} events for each size of body, after one that is not counted. Two secrets hold; the second has signed. Neither
network nor table nor bus is in it. ${conditions()}
`);

const rows = [1, 10, 100].map((size) => {
  const request = requestOf(size);
  const rates = Array.from({ length: runs + 1 }, () => rate(request)).slice(1);
  return {
    size,
    bytes: request.body.byteLength,
    median: median(rates),
    slowest: Math.min(...rates),
  };
});
const whole = (value: number) => Math.round(value).toLocaleString('en-US');
say(
  table(
    ['events in a body', 'bytes', 'requests/s', 'events/s, median', 'events/s, slowest run'],
    rows.map((row) => [
      row.size,
      row.bytes,
      whole(row.median / row.size),
      whole(row.median),
      whole(row.slowest),
    ]),
  ),
);
const single = rows[0]?.median ?? 0;
say(
  `\nGoal for bodies of one event: ${whole(GOAL)} events/s; ${single >= GOAL ? 'met' : 'missed'}.`,
);

function requestOf(size: number) {
  const events = Array.from({ length: size }, (_, n) => ({
    id: `message-${n}`,
    account: '3f4b7e3dcab231cbfdaa90a6a28bd548',
    bucket: 'releases',
    key: `payments/${n.toString(16).padStart(40, '0')}.tar.gz`,
    size: 65_536,
    etag: 'c846ff7a18f28c2e262116d6e8719ef0',
    sha256: 'a'.repeat(64),
    action: 'PutObject',
    at: '2025-12-31T23:59:59.379Z',
  }));
  const body = Buffer.from(JSON.stringify({ schema: 1, batch: 'bench', events }));
  const [, signer] = secrets;
  if (signer === undefined) throw new Error('There is no second secret');
  const headers = signWebhook(signer, NOW, body);
  return {
    timestamp: headers['x-conveyor-timestamp'],
    key: headers['x-conveyor-key'],
    signature: headers['x-conveyor-signature'],
    body,
  };
}

/** Events a second. */
function rate(request: ReturnType<typeof requestOf>): number {
  const started = performance.now();
  let read = 0;
  while (read < EVENTS) {
    verifyWebhook(request, secrets, NOW);
    read += readWebhook(request.body).events.length;
  }
  return read / ((performance.now() - started) / 1_000);
}
