import { expect, it } from 'vitest';
import { withProgress } from '../../bin/cli/push/transfer-progress.ts';
import { openReporter } from '../../bin/cli/reporter.ts';
import { FixedClock } from '../fakes/fixed-clock.ts';

const CHUNK = 1_000_000;

/** Sends ten chunks, each of which takes so long; what was said on the way. */
async function sent(secondsEach: number, errIsTty: boolean): Promise<string> {
  const clock = new FixedClock();
  let said = '';
  const host = {
    err: (text: string) => {
      said += text;
    },
    out: () => {},
    errIsTty,
    env: {},
    cwd: '/',
    interrupted: new AbortController().signal,
  };
  async function* chunks() {
    for (let left = 10; left > 0; left--) {
      clock.advance(secondsEach * 1_000);
      yield new Uint8Array(CHUNK);
    }
  }
  const context = { clock, host, reporter: openReporter(host, false) };
  let bytes = 0;
  for await (const chunk of withProgress(context, chunks(), 10 * CHUNK)) bytes += chunk.length;
  expect(bytes).toBe(10 * CHUNK);
  return said;
}

it('says nothing of what takes no time', async () => {
  expect([await sent(0.1, false), await sent(0.1, true)]).toEqual(['', '']);
});

it('says a line every ten seconds where lines stay', async () => {
  expect((await sent(3, false)).split('\n')).toEqual([
    'uploading 1.0 MB of 10 MB (10 %)',
    'uploading 5.0 MB of 10 MB (50 %)',
    'uploading 9.0 MB of 10 MB (90 %)',
    '',
  ]);
});

it('rewrites one line on a terminal', async () => {
  const said = await sent(3, true);

  expect(said).not.toContain('\n');
  expect(said.match(/uploading/g)).toHaveLength(10);
  expect(said).toContain('uploading 10 MB of 10 MB (100 %)');
});
