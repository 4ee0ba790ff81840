import type { ConveyorConfig } from '../../../lambdas/domain/config.ts';
import { ingressApp } from '../../../lambdas/intake/ingress-app.ts';
import { readWebhookSecret, type WebhookSecret } from '../../../lambdas/intake/webhook-secret.ts';
import type { Bus } from '../../../lambdas/ports/bus.ts';
import type { Clock } from '../../../lambdas/ports/clock.ts';
import type { Table } from '../../../lambdas/ports/table.ts';
import type { IngressRequest, IngressResponse } from './run-worker.ts';

/** As its two ends hold it. */
export const SECRET = `first:${'simulated-'.repeat(4)}`;
/** Was good until it was rotated out, and may have leaked. */
export const RETIRED = readWebhookSecret(`retired:${'leaked----'.repeat(4)}`, '/retired');

/** What the parameters of the ingress hold. */
export const secretStore = {
  secrets: async (): Promise<readonly WebhookSecret[]> => [readWebhookSecret(SECRET, '/first')],
};
export type SecretStore = typeof secretStore;

interface IngressPorts {
  readonly table: Table;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly secretStore: SecretStore;
}

/** One request to the Function URL, as its entry point wires it. */
export async function askIngress(
  { table, bus, clock, secretStore: store }: IngressPorts,
  { releaseStore }: ConveyorConfig,
  { headers, body }: IngressRequest,
): Promise<IngressResponse> {
  const app = ingressApp({
    table,
    bus,
    clock,
    secrets: () => store.secrets(),
    eventsPerMinute: releaseStore.r2?.eventsPerMinute ?? 100,
    note: () => {},
    report: () => {},
  });
  const init = { method: 'POST', headers: { ...headers }, body };
  const response = await app.request('https://ingress.example/r2', init);
  const wait = response.headers.get('retry-after');
  return {
    status: response.status,
    headers: wait === null ? {} : { 'retry-after': wait },
    body: await response.text(),
  };
}
