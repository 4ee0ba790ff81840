import { describe, expect, it } from 'vitest';
import { instanceId } from '../fakes/memory-fleet.ts';
import { dev, relay, shop } from '../promote/shop.ts';
import { FIRST, SECOND, stray, TAG, worldOfHosts } from './host-world.ts';

describe('a sweep lets hosts be', () => {
  it('only tells where the policy says so: once, and again once something else is the matter', async () => {
    const desk = await worldOfHosts({ catchUp: 'report' });
    const [one] = desk.fleet.hosts;
    if (one === undefined) throw new Error('two hosts');
    one.running = stray;

    for (let n = 0; n < 3; n++) await desk.sweep();

    expect(desk.runs()).toBe('ca');
    expect(desk.manifest()).toEqual({ [instanceId(1)]: stray.version, [instanceId(2)]: FIRST });
    const told = desk.world.notices.to('everybody');
    expect(told).toHaveLength(1);
    expect(told[0]?.message.subject).toBe('[dev] Drift: relay 1 of 2 hosts');
    expect(told[0]?.message.text).toContain(`${one.instance} runs cccccccccccc since`);
    expect(await desk.left()).toEqual(['catchUp says report', undefined]);
    one.running = undefined;
    await desk.sweep();
    expect(desk.world.notices.to('everybody')).toHaveLength(2);
  });

  it('leaves a host that does not come to run it after three tries, and tells once', async () => {
    const desk = await worldOfHosts();
    desk.fleet.add(TAG).faults.add('unhealthy');

    for (let n = 0; n < 6; n++) await desk.sweep();

    const tries = await desk.catchUps();
    expect(tries.map(({ state }) => state)).toEqual(['failed', 'failed', 'failed']);
    const told = desk.world.notices.to('everybody');
    expect(told).toHaveLength(1);
    expect(told[0]?.message.text).toContain('brought to it 3 times, in vain');
    expect(desk.runs()).toBe('aa-');
  });

  it('tells of a host that is online and does not answer', async () => {
    const desk = await worldOfHosts();
    const [one] = desk.fleet.hosts;
    one?.faults.add('mute');

    await desk.sweep();
    await desk.sweep();

    expect(desk.world.notices.to('everybody').map(({ message }) => message.text)).toEqual([
      expect.stringContaining('its agent is online, and it does not answer'),
    ]);
    expect(desk.manifest()).toEqual({ [instanceId(2)]: FIRST });
    expect(await desk.catchUps()).toEqual([]);
  });

  it('is left for now where others stand in its line, and says so', async () => {
    const desk = await worldOfHosts();
    desk.fleet.add(TAG);
    const dearer = { dev: { approval: { approvers: 'leads' } } };
    desk.world.config = shop(dearer, [relay], { systemd: { hosts: TAG } });
    await desk.world.announceUpload(desk.world.store(relay, SECOND));
    await desk.world.settle();

    const swept = await desk.sweep();

    expect(swept).toMatchObject({ brought: 'others stand in its line' });
    expect(await desk.left()).toEqual([undefined, undefined, 'others stand in its line']);
  });

  it('is left alone where a promotion is under way', async () => {
    const desk = await worldOfHosts();
    desk.fleet.add(TAG);
    await desk.world.announceUpload(desk.world.store(relay, SECOND));
    const [run] = [...desk.world.executions.all.values()].slice(-1);
    while ((await desk.world.line(relay, dev)).holder === undefined) await run?.step();

    expect(await desk.look()).toMatchObject({ outcome: 'skipped' });
    await desk.world.settle();
  });

  it('brings nothing where the Ledger was changed by hand', async () => {
    const desk = await worldOfHosts();
    desk.fleet.add(TAG);
    const path = `manifest.${dev}.yaml`;
    const text = desk.world.ledger.text(path) ?? '';
    desk.world.ledger.push({ [path]: text.replace(`version: "${FIRST}"`, 'version: "0"') });

    const swept = await desk.sweep();

    expect(swept).toMatchObject({ drifted: 1, brought: 'the Ledger says 0' });
    expect(desk.runs()).toBe('aa-');
    expect(await desk.left()).toEqual([undefined, undefined, 'the Ledger says 0']);
    desk.world.ledger.push({ [path]: text });
    await desk.sweep();
    expect(desk.runs()).toBe('aaa');
    expect(await desk.left()).toEqual([undefined, undefined, undefined]);
  });

  it('says in the manifest what a stopped rollout has left on the hosts, and lets them be', async () => {
    const desk = await worldOfHosts({ canary: 1, atOnce: 1, onFailure: 'stop' });
    desk.fleet.hosts[1]?.faults.add('lies');
    await desk.release(SECOND);
    expect(desk.runs()).toBe('ba');
    expect(desk.manifest()).toEqual({ [instanceId(1)]: FIRST, [instanceId(2)]: FIRST });

    await desk.sweep();
    await desk.sweep();

    expect(desk.manifest()).toEqual({ [instanceId(1)]: SECOND, [instanceId(2)]: FIRST });
    expect(desk.runs()).toBe('ba');
    const texts = desk.world.notices.to('everybody').map(({ message }) => message.text);
    expect(texts.filter((text) => text.includes('which was stopped'))).toHaveLength(1);
  });

  it('lets a host be on which somebody put another version by hand, and tells who', async () => {
    const desk = await worldOfHosts();
    await desk.release(SECOND);
    const [host] = desk.fleet.hosts;
    if (host) host.running = { version: FIRST, digest: host.goods[0]?.digest ?? '', held: 'alice' };

    await desk.sweep();
    await desk.sweep();

    expect(desk.runs()).toBe('ab');
    expect(await desk.catchUps()).toEqual([]);
    const told = desk.world.notices.to('everybody').map(({ message }) => message.text);
    expect(told.filter((text) => text.includes('alice put it there by hand'))).toHaveLength(1);
    const { hosts } = await desk.seen();
    expect(hosts.find(({ instance }) => instance === host?.instance)?.held).toBe('alice');
    // It says so by itself.
    expect(await desk.left()).toEqual([undefined, undefined]);
  });

  it('has such a host again with the next release', async () => {
    const desk = await worldOfHosts();
    const [host] = desk.fleet.hosts;
    if (host) host.running = { ...stray, held: 'alice' };
    await desk.sweep();

    await desk.release(SECOND);
    await desk.sweep();

    expect(desk.runs()).toBe('bb');
    expect((await desk.seen()).hosts.every(({ held }) => held === undefined)).toBe(true);
  });
});
