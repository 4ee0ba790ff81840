import { describe, expect, it } from 'vitest';
import { SystemdTarget } from '../../lambdas/domain/host-target.ts';
import { openDesk, release, TAG } from './desk.ts';

const a = release('a');
const hooksSent = (desk: ReturnType<typeof openDesk>) =>
  desk.fleet.sent.map(
    ({ command }) => JSON.parse(Buffer.from(command.request, 'base64').toString('utf8')).cleanup,
  );

describe('the cleanup hook', () => {
  it('is named to the host with every command, where the target has one', async () => {
    const desk = openDesk({}, { cleanup: 'current/bin/cleanup' });
    desk.fleet.add(TAG, a);
    await desk.promote(release('d'));
    await desk.finish();

    expect(new Set(hooksSent(desk))).toEqual(new Set(['current/bin/cleanup']));
  });

  it('is no part of what is asked where there is none', async () => {
    const desk = openDesk();
    desk.fleet.add(TAG, a);
    await desk.promote(release('d'));
    await desk.finish();

    expect(new Set(hooksSent(desk))).toEqual(new Set([undefined]));
  });

  it.each(['/etc/passwd', '../other', 'bin/../../x', 'a b', '$(id)', 'x;y', '-rf', ''])(
    'cannot leave the folder, or be read as anything else than a path: %j',
    (cleanup) => {
      expect(SystemdTarget.safeParse({ hosts: TAG, cleanup }).success).toBe(false);
    },
  );
});
