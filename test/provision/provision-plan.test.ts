import { describe, expect, it } from 'vitest';
import { hostPlaces } from '../../lambdas/provision/host-places.ts';
import { openDesk, service, TAG } from './desk.ts';

const places = hostPlaces(service);

describe('a plan', () => {
  it('says what would change on each host, and changes nothing', async () => {
    const desk = openDesk();
    const [done, bare] = [desk.scaffolds.add(TAG), desk.scaffolds.add(TAG)];
    bare.online = false;
    desk.declare({});
    await desk.finish();
    bare.online = true;
    const before = done.changes.length;

    const { outcome, run } = await desk.finish(desk.nextRun(), 'plan');

    expect(outcome).toBe('planned');
    const { hosts } = await desk.record(run);
    expect(hosts.map(({ action }) => action)).toEqual(['none', 'create']);
    expect([done.changes.length, bare.changes.length]).toEqual([before, 0]);
  });

  it('waits for nobody’s turn', async () => {
    const desk = openDesk();
    desk.scaffolds.add(TAG);
    desk.declare({});
    await desk.step(desk.nextRun());

    expect((await desk.finish(desk.nextRun(), 'plan', 10)).outcome).toBe('planned');
  });
});

describe('a service that goes', () => {
  it.each([
    ['is declared absent', (desk: ReturnType<typeof openDesk>) => desk.declare('absent')],
    ['is declared no longer', (desk: ReturnType<typeof openDesk>) => desk.undeclare()],
  ])('when it %s: its data and its user stay, and the run says so', async (_, go) => {
    const desk = openDesk();
    const host = desk.scaffolds.add(TAG);
    desk.declare({});
    await desk.finish();
    go(desk);

    const { outcome, run } = await desk.finish();

    expect(outcome).toBe('converged');
    expect((await desk.record(run)).hosts).toMatchObject([
      { state: 'changed', action: 'remove', keeps: [places.folder, places.user] },
    ]);
    expect([...host.parts.keys()]).toContain(places.folder);
    expect([...host.parts.keys()]).not.toContain(places.unitFile);
    expect(desk.parameters.published.size).toBe(0);
  });

  it('is asked for again while a host that has it is off', async () => {
    const desk = openDesk();
    const host = desk.scaffolds.add(TAG);
    desk.declare({});
    await desk.finish();
    desk.undeclare();
    host.online = false;
    await desk.finish();
    host.online = true;

    await desk.finish();

    expect([...host.parts.keys()]).not.toContain(places.unitFile);
    const last = await desk.finish();
    expect((await desk.record(last.run)).services).toEqual([]);
  });
});
