import { describe, expect, it } from 'vitest';
import { mendLine } from '../../lambdas/sweep/mend-line.ts';
import type { Tap } from '../fakes/tapped.ts';
import { dev, relay } from '../promote/shop.ts';
import { World } from '../promote/world.ts';

const TAG = 'wardnet:relay=true';
const FIRST = 'a'.repeat(40);
const SECOND = 'b'.repeat(40);

/** Three hosts that run the first release; the second has reached the first host, and waits for the next, for ever. */
async function stuck(tap: Tap = {}) {
  const world = new World({
    services: [relay],
    target: { systemd: { hosts: TAG, rollout: { canary: 1, atOnce: 2, within: '1h' } } },
    tap,
  });
  const fleet = world.fleets.dev;
  if (fleet === undefined) throw new Error('dev has no hosts');
  for (let n = 0; n < 3; n++) fleet.add(TAG);
  await world.announceUpload(world.store(relay, FIRST));
  await world.settle();
  fleet.hosts[1]?.faults.add('silent');
  await world.announceUpload(world.store(relay, SECOND));
  const [promotion] = await world.history(relay, dev);
  if (promotion === undefined) throw new Error('nothing was promoted');
  const run = world.run(promotion.id);
  const isSent = () =>
    fleet.sent.some(({ command }) => command.comment.includes(`${promotion.id} deploy batch 1`));
  while (!isSent()) {
    if (run.until !== undefined) world.clock.advance(run.until - world.clock.now().getTime());
    await run.step();
  }
  const die = () => {
    run.outcome = 'failed';
    world.clock.advance(5 * 60_000);
  };
  const mend = () => mendLine(world.ports, world.config, relay, dev);
  return { world, fleet, id: promotion.id, die, mend };
}

describe('a promotion whose execution was stopped in the middle of its hosts', () => {
  it('has what it sent taken back, before its line is handed on, and says where its hosts are', async () => {
    const calls: string[] = [];
    const { world, fleet, id, die, mend } = await stuck({
      before: (call) => void calls.push(call),
    });
    die();
    calls.length = 0;

    expect((await mend()).mended).toEqual([`${id}: ended, its execution is gone`]);

    expect(fleet.calls.cancel).toBe(1);
    const ended = await world.promotion(id);
    expect(ended).toMatchObject({
      state: 'failed',
      cause: {
        code: 'ExecutionLost',
        message: expect.stringContaining('As far as it knew, 1 of 3 hosts run it'),
      },
      steps: { hosts: { all: 3, promoted: 1, verdict: 'stopped' } },
    });
    expect((await world.line(relay, dev)).holder).toBeUndefined();
    expect(calls.indexOf('fleet.cancel')).toBeLessThan(calls.indexOf('notices.everybody'));
  });

  it('finds by its comment what was sent by a try that died before it wrote down under which id', async () => {
    const { world, fleet, id, die, mend } = await stuck();
    const head = await world.ports.rollouts.head(id);
    if (head === undefined) throw new Error('there is a rollout');
    const [, second] = await world.ports.rollouts.batches(head.value);
    if (second?.value.command === undefined) throw new Error('its second batch has a command');
    const { id: sent, ...unknown } = second.value.command;
    expect(sent).toBeDefined();
    await world.ports.rollouts.saveBatch(head.value, { ...second.value, command: unknown }, second);
    die();

    await mend();

    expect(fleet.calls.cancel).toBe(1);
  });

  it('is ended once, wherever the mending dies', async () => {
    for (let dies = 0; dies < 25; dies++) {
      let left = Number.POSITIVE_INFINITY;
      const desk = await stuck({
        after: () => {
          left -= 1;
          if (left < 0) throw new Error('died');
        },
      });
      desk.die();
      left = dies;
      await desk.mend().catch(() => {});
      left = Number.POSITIVE_INFINITY;
      await desk.mend();

      expect(await desk.world.promotion(desk.id), `after ${dies} calls`).toMatchObject({
        state: 'failed',
        steps: { hosts: { verdict: 'stopped' } },
      });
      expect((await desk.world.line(relay, dev)).holder).toBeUndefined();
      expect(desk.fleet.calls.cancel).toBeGreaterThan(0);
    }
  }, 60_000);
});
