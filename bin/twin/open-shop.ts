import type { Step } from './deploy.ts';
import { ended } from './journey/watch.ts';
import type { Twin } from './start-twin.ts';
import { pushSample } from './use-twin.ts';

/** The first push, so that there is something to promote; made once, as the state is kept. */
export async function openShop(twin: Twin, step: Step): Promise<void> {
  const [service, version] = ['payments', '1042'];
  await step(`push ${service} ${version}, a multi-arch image, to dev`, () =>
    pushSample(twin.endpoint, service, version),
  );
  await step('dev takes it by itself', () => ended(twin, service, 'dev', version));
}
