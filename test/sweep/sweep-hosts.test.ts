import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { TableSightings } from '../../lambdas/adapters/table-sightings.ts';
import { digestOf } from '../../lambdas/domain/digest.ts';
import type { EnvironmentName } from '../../lambdas/domain/names.ts';
import type { PublishedTarget } from '../../lambdas/domain/provision-run.ts';
import { mendLine } from '../../lambdas/sweep/mend-line.ts';
import { type SweptHosts, sweepHosts } from '../../lambdas/sweep/sweep-hosts.ts';
import { instanceId, type Running } from '../fakes/memory-fleet.ts';
import type { Tap } from '../fakes/tapped.ts';
import { ana, dev, li, prod, qa, relay } from '../promote/shop.ts';
import { World } from '../promote/world.ts';

const TAG = 'wardnet:relay=true';
const FIRST = 'a'.repeat(40);
const SECOND = 'b'.repeat(40);
const stray: Running = { version: 'c'.repeat(40), digest: digestOf('stray') };

/** Two hosts in dev that run the first release, and the sweep's look at them. */
async function worldOfHosts(rollout: object = {}, tap: Tap = {}) {
  const world = new World({
    services: [relay],
    target: { systemd: { hosts: TAG, rollout } },
    tap,
  });
  const fleet = world.fleets.dev;
  if (fleet === undefined) throw new Error('dev has no hosts');
  fleet.add(TAG);
  fleet.add(TAG);
  const release = async (sha: string) => {
    await world.announceUpload(world.store(relay, sha));
    await world.settle();
  };
  await release(FIRST);
  let published: PublishedTarget | undefined;
  const where = (environment: EnvironmentName) => ({ service: relay, environment });
  const look = async (environment: EnvironmentName = dev): Promise<SweptHosts> => {
    const hosts = world.ports.fleet?.(environment);
    if (hosts === undefined) throw new Error('no hosts');
    const targets = { find: async () => published };
    const ports = { ...world.ports, hosts, commands: hosts, targets };
    for (let steps = 0; steps < 100; steps++) {
      const swept = await sweepHosts(ports, world.config, where(environment));
      if (swept.outcome !== 'wait') return swept;
      world.clock.advance(swept.seconds * 1_000);
    }
    throw new Error('the look does not end');
  };
  /** A whole sweep, lines first, and what follows from it; then a quarter of an hour. */
  const sweep = async (environment: EnvironmentName = dev): Promise<SweptHosts> => {
    await mendLine(world.ports, world.config, relay, environment);
    await world.settle();
    const swept = await look(environment);
    await world.settle();
    world.clock.advance(15 * 60_000);
    return swept;
  };
  const manifest = () =>
    (parse(world.ledger.text(`manifest.${dev}.yaml`) ?? '') as Record<string, { hosts: object }>)[
      relay
    ]?.hosts;
  const seen = () => new TableSightings(world.table).read(where(dev));
  const runs = () => fleet.hosts.map(({ running }) => running?.version[0] ?? '-').join('');
  const catchUps = async () =>
    (await world.history(relay, dev)).filter(({ kind }) => kind === 'catch-up');
  const publish = (target: PublishedTarget) => {
    published = target;
  };
  return { world, fleet, publish, release, look, sweep, manifest, seen, runs, catchUps };
}

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

    expect(swept).toMatchObject({ brought: 'the Ledger says 0' });
    expect(desk.runs()).toBe('aa-');
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
