/**
 * Does `work` for every item, at most `limit` at once, in order. After the first error, or once `mayGoOn` says
 * no, it takes no further item, waits for what is under way (a Lambda must not freeze in the middle of a
 * stream), and throws that error. Returns whether every item was taken.
 */
export async function eachLimited<T>(
  items: readonly T[],
  limit: number,
  work: (item: T) => Promise<void>,
  mayGoOn: () => boolean = () => true,
): Promise<boolean> {
  const queue = items.values();
  const errors: unknown[] = [];
  let taken = 0;

  const worker = async (): Promise<void> => {
    while (errors.length === 0 && taken < items.length && mayGoOn()) {
      const next = queue.next();
      if (next.done) return;
      taken += 1;
      await work(next.value).catch((error: unknown) => errors.push(error));
    }
  };

  await Promise.all(Array.from({ length: limit }, worker));
  if (errors.length > 0) throw errors[0];
  return taken === items.length;
}
