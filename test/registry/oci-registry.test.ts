import { afterAll } from 'vitest';
import { OciRegistry } from '../../lambdas/adapters/oci-registry.ts';
import { SystemClock } from '../../lambdas/adapters/system-clock.ts';
import { registryContract } from '../contract/registry.contract.ts';
import { type RunningRegistry, startRegistry } from './start-registry.ts';

let running: RunningRegistry | undefined;

afterAll(async () => running?.stop());

registryContract('over HTTP, against distribution', async () => {
  running = await startRegistry();
  return {
    registry: new OciRegistry({
      endpoint: running.endpoint,
      authorization: async () => undefined,
      clock: new SystemClock(),
    }),
    createRepository: async () => undefined,
    requiresRepository: false,
  };
});
