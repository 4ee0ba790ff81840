import { MemoryObjects } from '../fakes/memory-objects.ts';
import { objectsContract } from './objects.contract.ts';
import { fetchContract } from './objects-fetch.contract.ts';
import { sharing } from './objects-subject.ts';

const oneServer = sharing(async () => {
  const server: Record<string, MemoryObjects> = {};
  const objects = new MemoryObjects(undefined, server);
  const another = new MemoryObjects(undefined, server);
  server.another = another;
  return {
    objects,
    another: { objects: another, bucket: 'another' },
    overwrite: async (key, bytes, digest) => void another.put(key, bytes, digest),
    fetches: true,
    fetchesConditionally: true,
  };
});

const twoServers = sharing(async () => {
  const another = new MemoryObjects();
  return {
    objects: new MemoryObjects(),
    another: { objects: another, bucket: 'another' },
    overwrite: async (key, bytes, digest) => void another.put(key, bytes, digest),
    fetches: false,
    fetchesConditionally: false,
  };
});

objectsContract('in memory', oneServer);
fetchContract('in memory', oneServer);
objectsContract('in memory, of a server of its own', twoServers);
fetchContract('in memory, of a server of its own', twoServers);
