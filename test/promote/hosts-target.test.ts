import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { Fault } from '../fakes/memory-fleet.ts';
import { dev, relay } from './shop.ts';
import { World } from './world.ts';

const TAG = 'wardnet:relay=true';
const FIRST = 'a'.repeat(40);
const SECOND = 'b'.repeat(40);

/** Three hosts in dev that run the first release, by a first promotion. */
async function worldOfHosts(rollout: object = {}) {
  const world = new World({
    services: [relay],
    target: { systemd: { hosts: TAG, rollout: { canary: 1, atOnce: 1, ...rollout } } },
  });
  const fleet = world.fleets.dev;
  if (fleet === undefined) throw new Error('dev has no hosts');
  for (let n = 0; n < 3; n++) fleet.add(TAG);
  const release = async (sha: string) => {
    await world.announceUpload(world.store(relay, sha));
    await world.settle();
    const [last] = await world.history(relay, dev);
    if (last === undefined) throw new Error('nothing was promoted');
    return last;
  };
  await release(FIRST);
  return { world, fleet, release };
}
const runs = (fleet: World['fleets'][string]) =>
  fleet?.hosts.map(({ running }) => running?.version[0] ?? '-').join('');

describe('a service on hosts', () => {
  it('is brought to every host, is asked there, and only then stands in the Ledger', async () => {
    const { world, fleet, release } = await worldOfHosts();
    const before = world.ledger.log().length;

    const promotion = await release(SECOND);

    expect(runs(fleet)).toBe('bbb');
    expect(promotion).toMatchObject({
      state: 'promoted',
      steps: { hosts: { promoted: 3, waves: 3 } },
    });
    expect(world.ledger.log().length).toBe(before + 1);
    expect(promotion.steps.ledger?.at ?? '').not.toBe('');
    expect(Date.parse(promotion.steps.ledger?.at ?? '')).toBeGreaterThanOrEqual(
      Date.parse(promotion.steps.hosts?.at ?? ''),
    );
  });

  it('writes beside the version what each host was seen to run, in the same commit', async () => {
    const { world, fleet, release } = await worldOfHosts();
    const off = fleet.hosts[2];
    if (off === undefined) throw new Error('three hosts');
    off.online = false;

    const promotion = await release(SECOND);

    const manifest = parse(world.ledger.text(`manifest.${dev}.yaml`) ?? '') as object;
    const [one, two] = fleet.hosts.map(({ instance }) => instance);
    expect(manifest).toMatchObject({
      [relay]: { version: SECOND, hosts: { [one ?? '']: SECOND, [two ?? '']: SECOND } },
    });
    expect(JSON.stringify(manifest)).not.toContain(off.instance);
    expect(promotion.steps.ledger?.changes.map(({ key, after }) => `${key} ${after}`)).toEqual([
      `${relay}.version ${SECOND}`,
      `${relay}.hosts 2 on bbbbbbbbbbbb`,
    ]);
  });

  it('ends as rolled back where a host fails, every host on its own version, the Ledger untouched', async () => {
    const { world, fleet, release } = await worldOfHosts();
    const before = world.ledger.log().length;
    fleet.hosts[1]?.faults.add('unhealthy');

    const promotion = await release(SECOND);

    expect(runs(fleet)).toBe('aaa');
    expect(promotion.state).toBe('rolled back');
    expect(promotion.cause).toMatchObject({ code: 'HostsRestored', step: 'hosts' });
    expect(world.ledger.log()).toHaveLength(before);
    expect((await world.line(relay, dev)).landed?.version).toBe(FIRST);
    expect((await world.line(relay, dev)).holder).toBeUndefined();
  });

  it('has failed where the policy stops, and says which host and why', async () => {
    const { fleet, release } = await worldOfHosts({ onFailure: 'stop' });
    fleet.hosts[0]?.faults.add('lies');

    const promotion = await release(SECOND);

    expect(runs(fleet)).toBe('aaa');
    expect(promotion.state).toBe('failed');
    expect(promotion.cause?.code).toBe('HostsFailed');
    expect(promotion.cause?.message).toContain(`still runs ${FIRST}`);
  });

  it.each<Fault>(['timed out', 'busy'])('lands all the same where a host is %s', async (fault) => {
    const { fleet, release } = await worldOfHosts();
    fleet.hosts[2]?.faults.add(fault);

    expect((await release(SECOND)).state).toBe('promoted');
    expect(runs(fleet)).toBe('bbb');
  });

  it('goes back to an older release as it went to the newer', async () => {
    const { world, fleet, release } = await worldOfHosts();
    await release(SECOND);

    await world.promote(relay, dev, { version: FIRST, kind: 'rollback' });

    expect(runs(fleet)).toBe('aaa');
    expect((await world.line(relay, dev)).landed?.version).toBe(FIRST);
  });

  it('begins nothing without a host, and says what to look at', async () => {
    const { fleet, release } = await worldOfHosts();
    for (const host of fleet.hosts) host.online = false;

    const promotion = await release(SECOND);

    expect(promotion).toMatchObject({ state: 'failed', cause: { code: 'HostsRefused' } });
    expect(runs(fleet)).toBe('aaa');
  });
});
