import { registryContract } from '../contract/registry.contract.ts';
import { MemoryRegistry } from '../fakes/memory-registry.ts';

registryContract('in memory', async () => {
  const registry = new MemoryRegistry();
  return {
    registry,
    createRepository: async (name) => registry.createRepository(name),
    requiresRepository: true,
  };
});
