/**
 * Does it for all, so many at a time, in their order. Everything that was begun has ended when this ends: nothing goes on in a
 * function that has answered.
 * @throws the first error, once all have been tried
 */
export async function inTurns<T, R>(
  all: readonly T[],
  atOnce: number,
  work: (one: T) => Promise<R> | R,
): Promise<R[]> {
  const done: PromiseSettledResult<R>[] = [];
  for (let from = 0; from < all.length; from += atOnce)
    done.push(
      ...(await Promise.allSettled(all.slice(from, from + atOnce).map(async (one) => work(one)))),
    );
  return done.map((one) => {
    if (one.status === 'rejected') throw one.reason;
    return one.value;
  });
}
