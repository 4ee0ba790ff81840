import { describe, expect, it } from 'vitest';
import { instanceId } from '../fakes/memory-fleet.ts';
import { environment, openDesk, release, TAG } from './desk.ts';

/** As conveyor.yaml is read. */
const APPROVAL = {
  approvers: 'engineers',
  minimum: 1,
  selfApproval: false,
  required: true,
  expires: 3_600,
};
const [a, b, c, n] = ['a', 'b', 'c', 'd'].map(release);
if (!a || !b || !c || !n) throw new Error('four releases');

describe('a rollout', () => {
  it('brings every host to the release, canaries first, and records what they run', async () => {
    const desk = openDesk({ canary: 1, atOnce: 2 });
    for (let i = 0; i < 5; i++) desk.fleet.add(TAG, a);
    await desk.promote(n);

    expect(await desk.finish()).toBe('promoted');

    expect(desk.runs()).toBe('ddddd');
    const deploys = desk.fleet.sent.filter(({ command }) => command.comment.includes(' deploy '));
    expect(deploys.map(({ command }) => command.instances.length)).toEqual([1, 2, 2]);
    const { steps } = await desk.record();
    expect(steps.hosts).toMatchObject({ all: 5, promoted: 5, failed: 0, late: 0, waves: 3 });
    expect(steps.hosts?.hosts.every(({ version }) => version === n.version)).toBe(true);
  });

  it('asks each host afterwards: a script that ends well over the old version has failed', async () => {
    const desk = openDesk({ onFailure: 'stop' });
    desk.fleet.add(TAG, a).faults.add('lies');
    await desk.promote(n);

    expect(await desk.finish()).toBe('stopped');

    const { steps } = await desk.record();
    expect(steps.hosts?.hosts).toMatchObject([{ state: 'failed', version: a.version }]);
    expect(steps.hosts?.hosts[0]?.reason).toContain(`still runs ${a.version}`);
  });

  it('believes a host that did change, though SSM had given it up', async () => {
    const desk = openDesk();
    desk.fleet.add(TAG, a).faults.add('timed out');
    await desk.promote(n);

    expect(await desk.finish()).toBe('promoted');
  });

  it('brings each touched host back to its own version, where one of five fails', async () => {
    const desk = openDesk({ canary: 0, atOnce: 5, onFailure: 'rollback' });
    for (const before of [a, b, c, a]) desk.fleet.add(TAG, before);
    desk.fleet.add(TAG, b).faults.add('unhealthy');
    await desk.promote(n);

    expect(await desk.finish()).toBe('undone');

    expect(desk.runs()).toBe('abcab');
    const { steps } = await desk.record();
    expect(steps.hosts).toMatchObject({ promoted: 0, restored: 5 });
  });

  it('spares the rest where the policy says stop: what was reached keeps the new version', async () => {
    const desk = openDesk({ canary: 1, atOnce: 1, onFailure: 'stop' });
    for (const before of [a, b, c]) desk.fleet.add(TAG, before);
    desk.fleet.hosts[1]?.faults.add('unhealthy');
    await desk.promote(n);

    expect(await desk.finish()).toBe('stopped');

    expect(desk.runs()).toBe('dbc');
  });

  it('goes on to the end where the policy says so, and tells who failed', async () => {
    const desk = openDesk({ canary: 1, atOnce: 1, onFailure: 'continue' });
    for (const before of [a, b, c]) desk.fleet.add(TAG, before);
    desk.fleet.hosts[0]?.faults.add('unhealthy');
    await desk.promote(n);

    expect(await desk.finish()).toBe('stopped');

    expect(desk.runs()).toBe('add');
    expect((await desk.record()).because).toBe('2 of 3 hosts run it, 1 failed');
  });

  it('does not mind as many failures as the policy allows', async () => {
    const desk = openDesk({ canary: 0, atOnce: 3, maxErrors: 1 });
    for (const before of [a, b, c]) desk.fleet.add(TAG, before);
    desk.fleet.hosts[2]?.faults.add('unhealthy');
    await desk.promote(n);

    expect(await desk.finish()).toBe('promoted');

    expect(desk.runs()).toBe('ddc');
  });

  it('brings a host back whose script died between two versions', async () => {
    const desk = openDesk({ onFailure: 'stop' });
    desk.fleet.add(TAG, b).faults.add('killed');
    await desk.promote(n);

    expect(await desk.finish()).toBe('stopped');

    expect(desk.runs()).toBe('b');
    expect((await desk.record()).steps.hosts?.hosts).toMatchObject([
      { state: 'failed', version: b.version },
    ]);
  });

  it('goes on without a host that was replaced meanwhile, and counts it as failed', async () => {
    const desk = openDesk({ canary: 1, atOnce: 2, maxErrors: 1 });
    for (let i = 0; i < 3; i++) desk.fleet.add(TAG, a);
    await desk.promote(n);
    await desk.step();
    desk.fleet.gone.add(instanceId(2));

    expect(await desk.finish()).toBe('promoted');

    expect(desk.runs()).toBe('dad');
    const { steps } = await desk.record();
    expect(steps.hosts).toMatchObject({ promoted: 2, failed: 1 });
    expect(steps.hosts?.hosts[1]).toMatchObject({ state: 'unknown' });
    // Nobody waits for it.
    expect(desk.fleet.calls.cancel).toBe(0);
  });

  it('comes to an end where all hosts of a wave are gone', async () => {
    const desk = openDesk({ onFailure: 'rollback' });
    for (let i = 0; i < 2; i++) desk.fleet.add(TAG, a);
    await desk.promote(n);
    await desk.step();
    desk.fleet.gone.add(instanceId(2));

    expect(await desk.finish()).toBe('undone');

    expect(desk.runs()[0]).toBe('a');
  });

  it('begins nothing where the gates have closed since: hosts run what they are brought', async () => {
    const desk = openDesk();
    desk.fleet.add(TAG, a);
    await desk.promote(n);
    const dev = desk.config.environments[environment];
    if (dev) Object.assign(dev, { approval: APPROVAL });

    await expect(desk.step()).rejects.toMatchObject({ name: 'GateClosed' });

    expect(desk.fleet.calls.tagged).toBe(0);
  });

  it('leaves hosts that are off to the sweep, and does not fail for them', async () => {
    const desk = openDesk();
    desk.fleet.add(TAG, a);
    desk.fleet.add(TAG, a).online = false;
    await desk.promote(n);

    expect(await desk.finish()).toBe('promoted');

    const { steps, because } = await desk.record();
    expect(desk.runs()).toBe('da');
    expect(steps.hosts).toMatchObject({ all: 2, promoted: 1, late: 1 });
    expect(because).toBe('1 of 2 hosts run it, 1 cannot be reached');
  });

  it.each([
    ['no host has the tag', 0, 0, 'finds no host that can be reached;'],
    ['all are off', 0, 3, 'finds no host that can be reached, and 3 that cannot;'],
    ['fewer than the minimum are there', 2, 1, 'finds 2 hosts that can be reached, and 1'],
  ])('begins nothing where %s', async (_, online, off, message) => {
    const desk = openDesk({ minimum: online + 1 });
    for (let i = 0; i < online; i++) desk.fleet.add(TAG, a);
    for (let i = 0; i < off; i++) desk.fleet.add(TAG, a).online = false;
    desk.fleet.add('another=tag', a);
    await desk.promote(n);

    await expect(desk.step()).rejects.toMatchObject({
      name: 'HostsRefused',
      message: expect.stringContaining(message),
    });
    expect(desk.fleet.calls.send).toBe(0);
  });
});
