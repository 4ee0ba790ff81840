/** With less than this left nothing more is read: what is on its way, and the answer, need some of it. */
const RESERVE_MILLISECONDS = 60_000;

/** There is no time left to read to the end. Not a failure: whoever reads goes on in another call. */
export class OutOfTime extends Error {}

/**
 * The same chunks, as long as there is time for more.
 * @throws OutOfTime; what `content` throws
 */
export async function* whileTimeLasts(
  content: AsyncIterable<Uint8Array>,
  remainingMilliseconds: () => number = () => Number.POSITIVE_INFINITY,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of content) {
    if (remainingMilliseconds() < RESERVE_MILLISECONDS) throw new OutOfTime();
    yield chunk;
  }
}
