import { describe, expect, it } from 'vitest';
import { NEXT } from '../../lambdas/view/next.ts';
import { promoted } from '../view/sample.ts';
import { cannedReplies, waiting } from './canned.ts';
import { useFakeApi } from './desk.ts';
import { run } from './run.ts';

const desk = useFakeApi();
const id = waiting.id;

describe('following', () => {
  const follow = (...args: string[]) => ['promote', 'payments', 'prod-wealth', '--wait', ...args];

  it('tells each step once, looks less often while nothing moves, and ends with what runs', async () => {
    const script = [waiting, waiting, waiting, promoted()].map((promotion) => ({
      body: { promotion },
    }));
    desk.api.replies.set(`GET /promotions/${id}`, script);
    const { code, err, out, clock } = await run(desk.api, follow());
    expect(code).toBe(0);
    expect(err.split('\n').filter((line) => line.includes('asked'))).toHaveLength(1);
    expect(err).toContain('15:02:45 copy      ok, 11 blobs sent (412 MB), 31 already there\n');
    expect(out).toBe(
      'done: payments 1042 runs in prod-wealth. Undo: conveyor rollback payments prod-wealth\n',
    );
    expect(clock.slept[0]).toBe(1000);
    expect(Math.max(...clock.slept)).toBeLessThanOrEqual(5000);
  });

  it('looks at least every 5 s, and gives up at --timeout with 5', async () => {
    desk.api.replies.set(`GET /promotions/${id}`, [{ body: { promotion: waiting } }]);
    const { code, json, clock } = await run(desk.api, follow('--timeout', '2m', '--json'));
    expect([code, json.error?.code, json.error?.next]).toEqual([
      5,
      'StillRunning',
      [NEXT.follow(id)],
    ]);
    expect(clock.slept.slice(-3)).toEqual([5000, 5000, 5000]);
  });

  it('survives a look that fails', async () => {
    desk.api.replies.set(`GET /promotions/${id}`, [
      ...Array(3).fill({ status: 503, body: {} }),
      { body: { promotion: promoted() } },
    ]);
    expect((await run(desk.api, follow())).code).toBe(0);
  });

  it('says nothing on the way when told to be quiet', async () => {
    expect((await run(desk.api, follow('--quiet'))).err).toBe('');
  });

  it('rewrites one line on a terminal, with colour only where it is wanted', async () => {
    const coloured = await run(desk.api, follow(), { tty: true });
    expect(coloured.err).toContain(
      '\u001b[2K\u001b[2mawaiting approval: approval: 1 more of Li or Tom'.replace(
        'Li or Tom',
        'li or tom',
      ),
    );
    cannedReplies(desk.api);
    const plain = await run(desk.api, follow(), { tty: true, env: { NO_COLOR: '1' } });
    expect(plain.err).not.toContain('\u001b[2m');
    cannedReplies(desk.api);
    expect((await run(desk.api, follow(), { tty: true, env: { CI: 'true' } })).err).not.toContain(
      '\u001b',
    );
  });

  it('leaves the promotion running on Ctrl-C, and says how to follow it', async () => {
    desk.api.replies.set(`GET /promotions/${id}`, [{ body: { promotion: waiting } }]);
    const interrupt = new AbortController();
    setTimeout(() => interrupt.abort(), 100);
    const { code, json } = await run(desk.api, follow('--json', '--timeout', '999999d'), {
      interrupted: interrupt.signal,
    });
    expect([code, json.error?.code, json.error?.next]).toEqual([
      130,
      'Interrupted',
      [NEXT.follow(id)],
    ]);
    expect(desk.api.asked.every((line) => !line.includes('abort'))).toBe(true);
  });
});
