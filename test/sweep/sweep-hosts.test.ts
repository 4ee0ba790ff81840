import { describe, expect, it } from 'vitest';
import type { PublishedTarget } from '../../lambdas/domain/provision-run.ts';
import { instanceId } from '../fakes/memory-fleet.ts';
import { ana, dev, li, prod, qa, relay } from '../promote/shop.ts';
import { FIRST, SECOND, stray, TAG, worldOfHosts } from './host-world.ts';

describe('a sweep over hosts', () => {
  it('brings a new host to what is promoted there, and says in the manifest that it runs it', async () => {
    const desk = await worldOfHosts();
    const fresh = desk.fleet.add(TAG);
    const landed = (await desk.world.line(relay, dev)).landed;

    const swept = await desk.sweep();

    expect(desk.runs()).toBe('aaa');
    const [promotion] = await desk.catchUps();
    expect(swept).toMatchObject({ outcome: 'swept', hosts: 3, drifted: 1, brought: promotion?.id });
    expect(promotion).toMatchObject({
      state: 'promoted',
      only: [fresh.instance],
      requestedBy: { automatic: 'sweep' },
      reason: `1 host does not run it: ${fresh.instance} runs nothing`,
      steps: { hosts: { all: 1, promoted: 1 } },
    });
    expect(promotion?.steps.gates?.reasons).toEqual([
      'promoted here; brought to hosts that do not run it',
    ]);
    expect(desk.manifest()).toEqual(
      Object.fromEntries([1, 2, 3].map((n) => [instanceId(n), FIRST])),
    );
    // What the environment holds, and since when, is as it was: nothing new was promoted.
    expect((await desk.world.line(relay, dev)).landed).toEqual(landed);
    expect(desk.world.notices.sent).toEqual([]);
    expect(await desk.world.history(relay, qa)).toEqual([]);
  });

  it('finds nothing to do where all hosts run it, and writes nothing', async () => {
    const desk = await worldOfHosts();
    const before = desk.world.ledger.log().length;

    const swept = await desk.sweep();

    expect(swept).toEqual({ outcome: 'swept', hosts: 2, drifted: 0 });
    expect(desk.world.ledger.log()).toHaveLength(before);
    expect(await desk.catchUps()).toEqual([]);
  });

  it('brings a host that was off, once it is back', async () => {
    const desk = await worldOfHosts();
    const [, off] = desk.fleet.hosts;
    if (off === undefined) throw new Error('two hosts');
    off.online = false;
    await desk.release(SECOND);
    expect(desk.runs()).toBe('ba');

    await desk.sweep();
    expect((await desk.seen()).hosts.map(({ state }) => state)).toEqual(['running', 'off']);
    expect(desk.manifest()).toEqual({ [instanceId(1)]: SECOND });
    off.online = true;
    await desk.sweep();

    expect(desk.runs()).toBe('bb');
    expect(desk.manifest()).toEqual({ [instanceId(1)]: SECOND, [instanceId(2)]: SECOND });
  });

  it('brings back a host on which somebody put something else', async () => {
    const desk = await worldOfHosts();
    const [one] = desk.fleet.hosts;
    if (one === undefined) throw new Error('two hosts');
    one.running = stray;

    await desk.sweep();

    expect(desk.runs()).toBe('aa');
    expect((await desk.catchUps())[0]?.reason).toContain('runs cccccccccccc');
  });

  it('asks nobody where the environment wants an approval: it was given for this version', async () => {
    const desk = await worldOfHosts();
    const hosts = desk.world.fleets.prod;
    desk.world.fleets.qa?.add(TAG);
    hosts?.add(TAG);
    await desk.world.promote(relay, qa);
    const id = await desk.world.promote(relay, prod);
    await desk.world.vote(id, li, 'approve');
    hosts?.add(TAG);
    const mails = desk.world.notices.to(ana).length;

    await desk.sweep(prod);

    expect(hosts?.hosts.map(({ running }) => running?.version)).toEqual([FIRST, FIRST]);
    expect(desk.world.notices.to(ana)).toHaveLength(mails);
  });

  it('tries again with the next release', async () => {
    const desk = await worldOfHosts({ maxErrors: 1 });
    const ill = desk.fleet.add(TAG);
    ill.faults.add('unhealthy');
    for (let n = 0; n < 4; n++) await desk.sweep();
    await desk.release(SECOND);
    ill.faults.clear();

    await desk.sweep();

    expect(desk.runs()).toBe('bbb');
  });

  it('makes one promotion where two sweeps run at once', async () => {
    const desk = await worldOfHosts();
    desk.fleet.add(TAG);

    await Promise.all([desk.look(), desk.look()]);
    await desk.world.settle();

    expect(await desk.catchUps()).toHaveLength(1);
    expect(desk.runs()).toBe('aaa');
  });

  it('asks where provisioning says that the service lies', async () => {
    const desk = await worldOfHosts();
    const folder = '/srv/elsewhere/relay';
    desk.publish({ folder, unit: 'relay.service' } as PublishedTarget);

    await desk.sweep();

    const last = desk.fleet.sent.at(-1)?.command.request ?? '';
    expect(JSON.parse(Buffer.from(last, 'base64').toString('utf8'))).toMatchObject({
      action: 'observe',
      root: folder,
      unit: 'relay.service',
    });
  });

  it('forgets hosts that are gone', async () => {
    const desk = await worldOfHosts();
    await desk.sweep();
    desk.fleet.hosts.splice(0, 1);

    await desk.sweep();

    expect((await desk.seen()).hosts.map(({ instance }) => instance)).toEqual([instanceId(2)]);
    expect(desk.manifest()).toEqual({ [instanceId(2)]: FIRST });
  });

  it('comes to the same end wherever a sweep dies, as the next one goes on', async () => {
    const calls: string[] = [];
    const watched = await worldOfHosts({}, { after: (call) => void calls.push(call) });
    watched.fleet.add(TAG);
    const from = calls.length;
    await watched.look();
    const all = calls.length - from;
    expect(all).toBeGreaterThan(10);

    for (let dies = 0; dies < all; dies++) {
      let left = Number.POSITIVE_INFINITY;
      const tap = {
        after: () => {
          left -= 1;
          if (left < 0) throw new Error('died');
        },
      };
      const desk = await worldOfHosts({}, tap);
      desk.fleet.add(TAG);
      left = dies;
      await desk.look().catch(() => {});
      left = Number.POSITIVE_INFINITY;
      await desk.world.settle();
      for (let n = 0; n < 2; n++) await desk.sweep();

      expect(desk.runs(), `after ${dies} calls`).toBe('aaa');
      const catchUps = await desk.catchUps();
      expect(
        catchUps.filter(({ state }) => state === 'promoted').length,
        `after ${dies} calls`,
      ).toBe(1);
      expect(Object.keys(desk.manifest() ?? {}), `after ${dies} calls`).toHaveLength(3);
      expect(desk.world.notices.sent).toEqual([]);
    }
  }, 120_000);
});
