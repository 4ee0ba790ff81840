import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Between two collections. */
const EVERY_BYTES = 2 * 1024 ** 2;

type Collect = (options: { type: 'minor' }) => void;
let collect: Collect | undefined;

/**
 * The same chunks, with the memory of those before given back every 2 MiB. What a socket delivers lies outside of V8's heap,
 * where V8 lets some 60 MB gather before it looks (measured, bench/store.ts): half of what a copy may have.
 */
export async function* freeingChunks(
  content: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  let read = 0;
  for await (const chunk of content) {
    read += chunk.length;
    if (read >= EVERY_BYTES) {
      read = 0;
      collect ??= minorCollector();
      collect({ type: 'minor' });
    }
    yield chunk;
  }
}

/** Node has it behind a flag, and a function's command line is not ours. */
function minorCollector(): Collect {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc') as Collect;
}
