import { describe, expect, it } from 'vitest';
import { HostsReply, StatusReply, WhyReply } from '../../lambdas/board/contract.ts';
import { digestOf } from '../../lambdas/domain/digest.ts';
import type { FreshSighting } from '../../lambdas/domain/host-sighting.ts';
import { hostsText } from '../../lambdas/view/hosts-text.ts';
import { whyText } from '../../lambdas/view/why-text.ts';
import { instanceId } from '../fakes/memory-fleet.ts';
import { dev, relay } from '../promote/shop.ts';
import { openApi } from './desk.ts';

const TAG = 'wardnet:relay=true';
const FIRST = 'a'.repeat(40);
const STRAY = 'c'.repeat(40);
const where = { service: relay, environment: dev };

/** Five hosts that run the first release; then one runs something else, one is off. */
async function openHosts() {
  const desk = openApi({ services: [relay], target: { systemd: { hosts: TAG } } });
  const { world } = desk;
  for (let n = 0; n < 5; n++) world.fleets.dev?.add(TAG);
  await world.announceUpload(world.store(relay, FIRST));
  await world.settle();
  const { hosts } = await world.ports.sightings.read(where);
  const seen: FreshSighting[] = hosts.map(({ since: _, ...host }) => host);
  const [one, two, ...rest] = seen;
  if (one === undefined || two === undefined) throw new Error('five hosts');
  const drifting = { ...one, version: STRAY, digest: digestOf('c') } as FreshSighting;
  const off: FreshSighting = {
    instance: two.instance,
    name: 'web-2',
    state: 'off',
    lastSeen: '2026-03-01T11:00:00.000Z',
  };
  world.clock.advance(3_600_000);
  const at = world.clock.now().toISOString();
  await world.ports.sightings.note(where, at, [drifting, off, ...rest], 'all');
  await world.ports.sightings.mark(where, {
    left: new Map([[one.instance, 'catchUp says report']]),
  });
  return { ...desk, at };
}

describe('the API, asked about hosts', () => {
  it('knows what a deploy has read back, before any sweep', async () => {
    const { get, world } = openApi({ services: [relay], target: { systemd: { hosts: TAG } } });
    world.fleets.dev?.add(TAG);
    await world.announceUpload(world.store(relay, FIRST));
    await world.settle();

    const reply = HostsReply.parse((await get(`/hosts?service=${relay}&environment=dev`)).body);

    expect(reply).toMatchObject({
      landed: { version: FIRST },
      hosts: [{ instance: instanceId(1), state: 'running', version: FIRST }],
    });
    expect(hostsText(reply, world.clock.now())).toContain('1 of 1 host run aaaaaaaaaaaa, by the');
  });

  it('counts them in the status, and names those that do something else', async () => {
    const { get, at } = await openHosts();

    const [cell] = StatusReply.parse((await get('/status')).body).services[0]?.cells ?? [];

    expect(cell?.hosts).toMatchObject({ at, all: 5, current: 3, off: 1 });
    expect(cell?.hosts?.others.map(({ instance }) => instance)).toEqual([instanceId(1)]);
  });

  it('lists each with what it runs, since when, and when it was last seen', async () => {
    const { get, world, at } = await openHosts();

    const reply = HostsReply.parse((await get(`/hosts?service=${relay}&environment=dev`)).body);

    expect(reply.hosts).toHaveLength(5);
    expect(reply.hosts[0]).toMatchObject({ version: STRAY, since: at });
    const lines = hostsText(reply, world.clock.now()).split('\n');
    expect(lines[1]).toMatch(/^i-00000000000000001 .*cccccccccccc .*drift .*catchUp says report/);
    expect(lines[2]).toMatch(/^i-00000000000000002 .*web-2 .*off .*2h/);
    expect(lines.at(-1)).toMatch(/^3 of 5 hosts run aaaaaaaaaaaa, as of /);
  });

  it('tells why of a host that runs something else, by what it runs and by what it should', async () => {
    const { get } = await openHosts();

    for (const asked of [STRAY, FIRST, relay]) {
      const reply = WhyReply.parse((await get(`/why?artifact=${asked}&environment=dev`)).body);
      expect(reply.hosts.map(({ instance }) => instance)).toEqual([instanceId(1)]);
      expect(whyText(reply)).toMatch(
        /relay on i-00000000000000001: runs cccccccccccc since .*: catchUp says report/,
      );
    }
    const other = WhyReply.parse((await get('/why?artifact=other&environment=dev')).body);
    expect(other.hosts).toEqual([]);
  });

  it('says so where nobody has looked, or nothing is there', async () => {
    const { get, world } = openApi({ services: [relay], target: { systemd: { hosts: TAG } } });

    const reply = HostsReply.parse((await get(`/hosts?service=${relay}&environment=qa`)).body);

    expect(hostsText(reply, world.clock.now())).toBe('relay has nothing in qa yet.');
    expect((await get('/hosts?service=nobody&environment=qa')).status).toBe(404);
  });
});
