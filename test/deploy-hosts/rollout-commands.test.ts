import { describe, expect, it } from 'vitest';
import { openDesk, release, TAG } from './desk.ts';

const [a, b, c, n] = ['a', 'b', 'c', 'd'].map(release);
if (!a || !b || !c || !n) throw new Error('four releases');

describe('the commands of a rollout', () => {
  it('tells a host again whose lock another run held', async () => {
    const desk = openDesk();
    desk.fleet.add(TAG, a).faults.add('busy');
    await desk.promote(n);

    expect(await desk.finish()).toBe('promoted');
    expect(desk.runs()).toBe('d');
  });

  it('tells a host again to go back whose lock another run held', async () => {
    const desk = openDesk({ canary: 0, atOnce: 2, onFailure: 'rollback' });
    desk.fleet.add(TAG, a).faults.add('held');
    desk.fleet.add(TAG, b).faults.add('unhealthy');
    await desk.promote(n);

    expect(await desk.finish()).toBe('undone');

    expect(desk.runs()).toBe('ab');
  });

  it('looks for a command only where somebody may have sent it', async () => {
    const desk = openDesk({ canary: 1, atOnce: 50 });
    for (let i = 0; i < 120; i++) desk.fleet.add(TAG, a);
    await desk.promote(n);

    await desk.finish();

    expect(desk.fleet.calls.find).toBe(0);
  });

  it('asks a fleet seldom that it has asked often: a history has room for 25,000 events', async () => {
    const desk = openDesk({ within: '15m' });
    desk.fleet.add(TAG, a).looks = 60;
    await desk.promote(n);
    await desk.step();

    const waits: number[] = [];
    for (const polls of [0, 799, 800, 1_299, 1_300, 1_700, 9_999]) {
      const { outcome, seconds = 0 } = await desk.step(polls).then((it) => ({ seconds: 0, ...it }));
      waits.push(outcome === 'wait' ? seconds : Number.NaN);
    }

    expect(waits).toEqual([3, 3, 30, 30, 120, 600, 600]);
  });

  it('gives a host up that takes its command and never answers, and counts it as failed', async () => {
    const desk = openDesk({ canary: 0, atOnce: 2, onFailure: 'stop', within: '1m' });
    desk.fleet.add(TAG, a).faults.add('silent');
    desk.fleet.add(TAG, a);
    await desk.promote(n);

    expect(await desk.finish()).toBe('stopped');

    expect(desk.runs()).toBe('ad');
    expect(desk.fleet.calls.cancel).toBeGreaterThan(0);
  });

  it('waits for a look as long as the host may wait for its health check', async () => {
    const health = { url: 'http://127.0.0.1:8080/health', within: '20m' };
    const desk = openDesk({}, { health });
    desk.fleet.add(TAG, a).looks = 19 * 60;
    await desk.promote(n);

    expect(await desk.finish()).toBe('promoted');
    expect(desk.fleet.calls.cancel).toBe(0);
  });

  it('pauses between waves', async () => {
    const desk = openDesk({ canary: 1, atOnce: 1, pause: '10m' });
    desk.fleet.add(TAG, a);
    desk.fleet.add(TAG, a);
    await desk.promote(n);

    await desk.finish();

    const [first, , second] = desk.fleet.sent;
    expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThanOrEqual(600_000);
  });

  it('sends a command whose reply was lost no second time', async () => {
    const desk = openDesk();
    desk.fleet.add(TAG, a);
    desk.fleet.lostReplies = 1;
    await desk.promote(n);

    await expect(desk.step()).rejects.toThrow('the reply was lost');
    expect(await desk.finish()).toBe('promoted');

    const deploys = desk.fleet.sent.filter(({ command }) => command.comment.includes(' deploy '));
    expect(deploys).toHaveLength(1);
  });

  it('changes nothing once it has ended, however often it is asked', async () => {
    const desk = openDesk();
    desk.fleet.add(TAG, a);
    await desk.promote(n);
    await desk.finish();
    const sent = desk.fleet.sent.length;

    expect(await desk.step()).toMatchObject({ outcome: 'promoted' });
    expect(desk.fleet.sent).toHaveLength(sent);
  });
});
