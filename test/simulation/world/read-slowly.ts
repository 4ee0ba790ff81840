import type { Objects } from '../../../lambdas/ports/objects.ts';
import type { Process } from './process.ts';
import type { World } from './world.ts';

/** A bucket whose every chunk takes the time that this world's tarballs take to read. */
export function readSlowly(
  { options, random }: Pick<World, 'options' | 'random'>,
  process: Process,
  bucket: Objects,
): Objects {
  if (options.reading === undefined) return bucket;
  const [least, most] = options.reading;
  async function* slowly(chunks: AsyncIterable<Uint8Array>) {
    for await (const chunk of chunks) {
      await process.alive(process.loop.sleep(least + random.below(most - least)));
      yield chunk;
    }
  }
  return new Proxy(bucket, {
    get(target, key) {
      if (key === 'read')
        return async (...args: Parameters<Objects['read']>) => slowly(await target.read(...args));
      const member: unknown = Reflect.get(target, key, target);
      return typeof member === 'function' ? member.bind(target) : member;
    },
  });
}
