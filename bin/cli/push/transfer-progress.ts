import { bytesWords } from '../../../lambdas/view/words.ts';
import type { Context } from '../context.ts';

/** What is quick needs no progress. */
const QUIET_MS = 2_000;
/** Lines stay, so there are few; a terminal's one line is rewritten. */
const LINE_MS = 10_000;
const REWRITE_MS = 200;

/** The same bytes, told about on stderr while they go by. Stops with an error where `interrupted` aborts. */
export async function* withProgress(
  { clock, reporter, host }: Pick<Context, 'clock' | 'reporter' | 'host'>,
  content: AsyncIterable<Uint8Array>,
  total: number,
): AsyncGenerator<Uint8Array> {
  const begun = clock.now().getTime();
  let rewritten = begun + QUIET_MS - REWRITE_MS;
  let told = begun + QUIET_MS - LINE_MS;
  let sent = 0;
  for await (const chunk of content) {
    host.interrupted.throwIfAborted();
    yield chunk;
    sent += chunk.length;
    const now = clock.now().getTime();
    const words = `uploading ${bytesWords(sent)} of ${bytesWords(total)} (${Math.floor((100 * sent) / total)} %)`;
    if (now >= rewritten + REWRITE_MS) {
      reporter.waiting(words);
      rewritten = now;
    }
    if (now >= told + LINE_MS) {
      if (!reporter.rewrites) reporter.line(words);
      told = now;
    }
  }
}
