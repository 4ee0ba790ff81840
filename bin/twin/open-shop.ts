import type { Step } from './deploy.ts';
import { type Fleet, launchFleet } from './hosts/forge-fleet.ts';
import { ended } from './journey/watch.ts';
import type { Twin } from './start-twin.ts';
import { pushSample } from './use-twin.ts';

/** Machines, where there can be any, and the first push, so that there is something to promote; it is kept, machines are not. */
export async function openShop(twin: Twin, step: Step): Promise<Fleet | undefined> {
  const { hosts, endpoint } = twin;
  const fleet =
    hosts && (await step('start machines in three accounts', () => launchFleet(endpoint, hosts)));
  const [service, version] = ['payments', '1042'];
  await step(`push ${service} ${version}, a multi-arch image, to dev`, () =>
    pushSample(twin.endpoint, service, version),
  );
  await step('dev takes it by itself', () => ended(twin, service, 'dev', version));
  return fleet;
}
