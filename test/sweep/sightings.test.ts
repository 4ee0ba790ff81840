import { describe, expect, it } from 'vitest';
import { TableSightings } from '../../lambdas/adapters/table-sightings.ts';
import { digestOf } from '../../lambdas/domain/digest.ts';
import type { FreshSighting } from '../../lambdas/domain/host-sighting.ts';
import { EnvironmentName, ServiceName, Version } from '../../lambdas/domain/names.ts';
import { instanceId } from '../fakes/memory-fleet.ts';
import { MemoryTable } from '../fakes/memory-table.ts';

const where = { service: ServiceName.parse('relay'), environment: EnvironmentName.parse('prod') };
const version = Version.parse('a'.repeat(40));
const [NOON, ONE] = ['2026-03-01T12:00:00.000Z', '2026-03-01T13:00:00.000Z'];
const host = (n: number, change: Partial<FreshSighting> = {}): FreshSighting => ({
  instance: instanceId(n),
  state: 'running',
  version,
  digest: digestOf('a'),
  ...change,
});

function open() {
  const table = new MemoryTable();
  return { table, sightings: new TableSightings(table) };
}

describe('what hosts were seen to run', () => {
  it('remembers since when, also where it is seen again', async () => {
    const { sightings } = open();
    await sightings.note(where, NOON, [host(1), host(2)], 'all');

    await sightings.note(where, ONE, [host(1), host(2, { state: 'silent' })], 'all');

    const { at, hosts } = await sightings.read(where);
    expect(at).toBe(ONE);
    expect(hosts.map(({ since, state }) => [since, state])).toEqual([
      [NOON, 'running'],
      [ONE, 'silent'],
    ]);
  });

  it('keeps the others where some were deployed to, and forgets them where all were looked at', async () => {
    const { sightings } = open();
    await sightings.note(where, NOON, [host(1), host(2)], 'all');

    await sightings.note(where, ONE, [host(3)], 'some');
    expect((await sightings.read(where)).hosts).toHaveLength(3);
    await sightings.note(where, ONE, [host(2)], 'all');
    expect((await sightings.read(where)).hosts.map(({ instance }) => instance)).toEqual([
      instanceId(2),
    ]);
  });

  it('counts tries once, however often it is told, and forgets them once the host runs it', async () => {
    const { sightings } = open();
    await sightings.note(where, NOON, [host(1, { state: 'absent', version: undefined })], 'all');
    const brought = { version, counts: new Map([[instanceId(1), 1]]) };

    await sightings.mark(where, { brought });
    await sightings.mark(where, { brought });
    expect((await sightings.read(where)).hosts[0]?.tries).toEqual({ version, count: 1 });
    await sightings.note(where, ONE, [host(1)], 'all');
    expect((await sightings.read(where)).hosts[0]?.tries).toBeUndefined();
  });

  it('keeps why a host was let be until a look finds another reason, or none, or the host something else', async () => {
    const { sightings } = open();
    const left = async () => (await sightings.read(where)).hosts.map((seen) => seen.left);
    await sightings.note(where, NOON, [host(1), host(2)], 'all');

    await sightings.mark(where, { left: new Map([[instanceId(1), 'é'.repeat(200)]]) });
    await sightings.note(where, ONE, [host(1), host(2)], 'all');
    expect(await left()).toEqual(['?'.repeat(120), undefined]);

    await sightings.mark(where, { left: new Map([[instanceId(2), 'in vain']]) });
    expect(await left()).toEqual([undefined, 'in vain']);
    await sightings.mark(where, { told: [instanceId(2)] });
    expect(await left()).toEqual([undefined, 'in vain']);
    await sightings.note(where, ONE, [host(2, { state: 'absent' })], 'some');
    expect(await left()).toEqual([undefined, undefined]);
  });

  it('loses nothing where a deploy and a sweep write at once', async () => {
    const { sightings } = open();
    await sightings.note(where, NOON, [host(1)], 'all');

    await Promise.all([
      sightings.note(where, ONE, [host(2)], 'some'),
      sightings.note(where, ONE, [host(3)], 'some'),
      sightings.mark(where, { told: [instanceId(1)] }),
    ]);

    const { hosts } = await sightings.read(where);
    expect(hosts.map(({ told }) => told)).toEqual([true, undefined, undefined]);
  });

  it('has room for 5,000 hosts: no item beyond 400 kB, one transaction below 4 MB, none where nothing changed', async () => {
    const { table, sightings } = open();
    const fleet = Array.from({ length: 5_000 }, (_, n) =>
      host(n, { name: `web-${n}`.padEnd(40, 'x'), reason: 'y'.repeat(300) }),
    );

    const left = new Map(fleet.map(({ instance }) => [instance, 'z'.repeat(200)]));

    await sightings.note(where, NOON, fleet, 'all');
    await sightings.mark(where, { left });

    const sizes = [...table.contents.values()].map((item) => JSON.stringify(item).length);
    expect(Math.max(...sizes)).toBeLessThan(400_000);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(4_000_000);
    expect((await sightings.read(where)).hosts).toHaveLength(5_000);
    const before = table.contents;
    await sightings.note(where, NOON, fleet, 'all');
    expect(table.contents).toEqual(before);
  });
});
