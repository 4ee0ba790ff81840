/**
 * Does `work` for items as they come, at most `atOnce` at a time, and yields the results in the items' order. It
 * takes no item ahead of what is asked for beyond that, and leaves nothing running behind. (Node's own `Readable.map` is
 * experimental.)
 */
export async function* inOrder<T, R>(
  items: AsyncIterable<T>,
  atOnce: number,
  work: (item: T) => Promise<R>,
): AsyncGenerator<R> {
  const running: Promise<R>[] = [];
  try {
    for await (const item of items) {
      const task = work(item);
      // Its failure is told when its turn comes; until then it is no unhandled one.
      task.catch(() => undefined);
      running.push(task);
      if (running.length < atOnce) continue;
      const [oldest] = running;
      if (oldest !== undefined) yield await oldest;
      running.shift();
    }
    for (const task of running) yield await task;
  } finally {
    await Promise.allSettled(running);
  }
}
