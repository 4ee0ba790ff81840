import { retry } from '../domain/retry.ts';
import type { Clock } from '../ports/clock.ts';
import type { Objects, StoredObject } from '../ports/objects.ts';

/** So often in a row without a byte is the end; every byte that comes starts the count anew. */
const ATTEMPTS = 5;

/**
 * All bytes of an object, however often the line is cut: reading goes on where it stopped, and only in the same bytes.
 * @throws what `Objects.read` throws, once it has failed five times in one place
 */
export async function* readObject(
  objects: Objects,
  object: StoredObject,
  clock: Clock,
): AsyncGenerator<Uint8Array> {
  let at = 0;
  let rest: AsyncIterator<Uint8Array> | undefined;
  const next = () =>
    retry(clock, ATTEMPTS, async () => {
      rest ??= (await objects.read(object, at))[Symbol.asyncIterator]();
      try {
        return await rest.next();
      } catch (error) {
        rest = undefined;
        throw error;
      }
    });
  try {
    for (let step = await next(); step.done !== true; step = await next()) {
      at += step.value.length;
      yield step.value;
    }
  } finally {
    await rest?.return?.();
  }
}
