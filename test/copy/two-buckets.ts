import { digestOf } from '../../lambdas/domain/digest.ts';
import { FixedClock } from '../fakes/fixed-clock.ts';
import { MemoryObjects } from '../fakes/memory-objects.ts';

export const KEY = `relay/${'a'.repeat(40)}.tar.gz`;
export const CONTENT = Buffer.alloc(300_000, 'what was built');
export const DIGEST = digestOf(CONTENT);
export const FACTS = { commit: 'a'.repeat(40) };

/** A tarball in one bucket, and another that is empty: what a copy of it asks for. */
export function twoBuckets() {
  const [source, destination] = [new MemoryObjects(), new MemoryObjects()];
  source.put(KEY, CONTENT, DIGEST, FACTS);
  const clock = new FixedClock();
  return { source, destination, key: KEY, digest: DIGEST, clock };
}
